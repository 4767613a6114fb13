use super::*;

/// A store in a folder of its own.
async fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("issuer.db")).await.unwrap();
    (folder, store)
}

async fn count(store: &Store, detail: &str) -> i64 {
    let query = sqlx::query_scalar("SELECT count(*) FROM audit WHERE detail = ?").bind(detail.to_owned());
    query.fetch_one(store.read()).await.unwrap()
}

async fn add(store: &Store, detail: String) -> Result<()> {
    store.write(move |tx| Box::pin(async move { insert(tx, &detail).await })).await
}

async fn insert(tx: &mut Tx, detail: &str) -> Result<()> {
    let query =
        sqlx::query("INSERT INTO audit (at, event, detail) VALUES (0, 'test', ?)").bind(detail.to_owned());
    query.execute(tx).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_that_arrive_together_share_commits() {
    let (_folder, store) = store().await;
    let changes = (0..500).map(|_| add(&store, "x".into()));
    for result in futures_util::future::join_all(changes).await {
        result.unwrap();
    }
    let counts = store.counts();
    assert_eq!((counts.changes(), count(&store, "x").await), (500, 500));
    assert!(counts.commits() < 100, "{} commits for 500 changes", counts.commits());
}

#[tokio::test]
async fn a_change_that_fails_or_panics_leaves_its_neighbours_alone() {
    let (_folder, store) = store().await;
    let fails = store.write(|tx| {
        Box::pin(async move {
            insert(tx, "lost").await?;
            Err::<(), _>(Error::WrongState)
        })
    });
    let panics = store.write(|tx| {
        Box::pin(async move {
            insert(tx, "lost").await?;
            if count_of(tx).await > 0 {
                panic!("on purpose");
            }
            Ok(())
        })
    });
    let results = tokio::join!(add(&store, "before".into()), fails, panics, add(&store, "after".into()));
    assert!(matches!(results, (Ok(()), Err(Error::WrongState), Err(Error::Internal(_)), Ok(()))));
    assert_eq!(store.counts().commits(), 1, "they were one group");
    assert_eq!((count(&store, "before").await, count(&store, "after").await), (1, 1));
    assert_eq!(count(&store, "lost").await, 0);
}

async fn count_of(tx: &mut Tx) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM audit").fetch_one(tx).await.unwrap()
}

#[tokio::test]
async fn a_group_that_cannot_be_committed_answers_no_one_with_success() {
    let (_folder, store) = store().await;
    // A deferred constraint is judged by the commit itself.
    let breaks = store.write(|tx| {
        Box::pin(async move {
            sqlx::raw_sql("PRAGMA defer_foreign_keys = ON").execute(&mut *tx).await?;
            let sql =
                "INSERT INTO challenges (id, token_id, question, expires_at) VALUES ('c', 'none', '', 0)";
            sqlx::raw_sql(sql).execute(tx).await?;
            Ok(())
        })
    });
    let (neighbour, broken) = tokio::join!(add(&store, "neighbour".into()), breaks);
    assert!(matches!((neighbour, broken), (Err(Error::NotCommitted), Err(Error::NotCommitted))));
    assert_eq!(count(&store, "neighbour").await, 0);
    add(&store, "later".into()).await.unwrap();
    assert_eq!(count(&store, "later").await, 1);
}

#[tokio::test]
async fn a_change_goes_on_when_its_caller_has_gone() {
    let (_folder, store) = store().await;
    tokio::select! {
        biased;
        _ = add(&store, "orphan".into()) => panic!("no commit is that fast"),
        () = std::future::ready(()) => {}
    }
    add(&store, "next".into()).await.unwrap();
    assert_eq!(count(&store, "orphan").await, 1);
}

#[tokio::test]
async fn what_was_answered_is_there_after_reopening() {
    let (folder, store) = store().await;
    add(&store, "kept".into()).await.unwrap();
    // Seen by another connection before anything is closed: the answer came after the commit.
    assert_eq!(count(&store, "kept").await, 1);
    store.close().await;
    assert!(matches!(add(&store, "late".into()).await, Err(Error::Stopping)));
    let again = Store::open(&folder.path().join("issuer.db")).await.unwrap();
    assert_eq!((count(&again, "kept").await, count(&again, "late").await), (1, 0));
}

#[tokio::test]
async fn the_file_is_its_owners_and_another_version_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, store) = store().await;
    let path = folder.path().join("issuer.db");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let newer = store.write(|tx| {
        Box::pin(async move {
            sqlx::raw_sql("PRAGMA user_version = 99").execute(tx).await?;
            Ok(())
        })
    });
    newer.await.unwrap();
    store.close().await;
    assert!(matches!(Store::open(&path).await, Err(Error::Settings(_))));
}
