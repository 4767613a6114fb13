//! Who is a user, and what one has set up, cannot be told from time. A clock would tell noise: counted is what takes
//! time, runs of the slow function and changes of the database, and lines of the log.

use softtoken_issuer::portal::Role;
use softtoken_issuer::tokens::NewUser;

use crate::tokens::ANSWERS;
use crate::world::{Browser, World};

/// Runs of the slow function, changes, lines.
type Work = (u64, u64, i64);

/// What one form costs that is sent from the page at its address, without what it leads to.
async fn work(world: &World, browser: &mut Browser, to: &str, fields: &[(&str, &str)]) -> Work {
    browser.open(to).await;
    let request = browser.form(to, fields);
    let counted = async || {
        let lines = sqlx::query_scalar("SELECT count(*) FROM audit").fetch_one(world.issuer.store.read());
        let changes = world.issuer.store.counts().changes();
        (world.issuer.slow_count(), changes, lines.await.unwrap())
    };
    let before: Work = counted().await;
    browser.raw(request).await;
    let after: Work = counted().await;
    (after.0 - before.0, after.1 - before.1, after.2 - before.2)
}

/// A user with everything, one without password and mail address, and one whose token is locked.
async fn people(world: &World) {
    let (anna, _) = world.with_questions("anna").await;
    world.active(&anna).await;
    let zoe = NewUser { name: "zoe".into(), ..NewUser::default() };
    world.issuer.create_user("test", zoe).await.unwrap();
    let lena = world.user("lena", Role::User).await;
    world.active(&lena).await;
    let lock = world.issuer.store.write(move |tx| {
        Box::pin(async move {
            let lock = sqlx::query("UPDATE tokens SET locked_at = 1 WHERE user_id = ?");
            assert_eq!(lock.bind(lena).execute(tx).await?.rows_affected(), 1);
            Ok(())
        })
    });
    lock.await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_costs_the_same_work_whoever_it_is() {
    let world = World::new().await;
    people(&world).await;
    for name in ["anna", "zoe", "lena", "nobody"] {
        let wrong = [("name", name), ("password", "wrong password")];
        let mut browser = world.browser();
        for _ in 0..10 {
            assert_eq!(work(&world, &mut browser, "/portal/sign-in", &wrong).await, (1, 1, 0), "{name}");
        }
        let closed = work(&world, &mut browser, "/portal/sign-in", &wrong).await;
        assert_eq!(closed, (0, 1, 0), "{name} when it is closed");
    }
}

#[tokio::test]
async fn a_forgotten_password_costs_the_same_work_whoever_it_is() {
    let world = World::new().await;
    people(&world).await;
    for name in ["anna", "zoe", "lena", "nobody"] {
        let mut browser = world.browser();
        for _ in 0..3 {
            let asked = work(&world, &mut browser, "/portal/forgotten", &[("name", name)]).await;
            assert_eq!(asked, (0, 2, 1), "{name}");
        }
        let closed = work(&world, &mut browser, "/portal/forgotten", &[("name", name)]).await;
        assert_eq!(closed, (0, 1, 0), "{name} when it is closed");
    }
}

#[tokio::test]
async fn wrong_answers_cost_the_same_work_with_questions_and_without() {
    let world = World::new().await;
    people(&world).await;
    // With the first answer right, too: not even how many are right can be told.
    let one_right = [ANSWERS[0], ("answer2", "wrong"), ("answer3", "wrong")];
    let none = [("answer1", "wrong"), ("answer2", "wrong"), ("answer3", "wrong")];
    for (name, answers) in [("anna", none), ("anna", one_right), ("lena", none)] {
        let mut browser = world.half(name).await;
        let cost = work(&world, &mut browser, "/portal/sign-in/misplaced", &answers).await;
        assert_eq!(cost, (3, 2, 1), "{name} {answers:?}");
    }
}
