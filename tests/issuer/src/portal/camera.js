// A camera in the page: shows what it sees, and puts the picture that is taken into the form's file input.
// Everything here is hidden without a script, or where the browser has no camera to offer.
for (const box of document.querySelectorAll("[data-camera]")) {
  if (!navigator.mediaDevices || !window.DataTransfer) continue;
  const input = document.getElementById(box.dataset.camera);
  const video = box.querySelector("video");
  const picture = box.querySelector("canvas");
  const part = (name) => box.querySelector(`[data-part=${name}]`);
  const [start, take, refused] = ["start", "take", "refused"].map(part);
  let stream = null;

  const live = (on) => {
    video.hidden = take.hidden = !on;
    start.hidden = on;
    if (!on && stream) {
      for (const track of stream.getTracks()) track.stop();
      stream = video.srcObject = null;
    }
  };

  start.addEventListener("click", async () => {
    refused.hidden = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
      video.srcObject = stream;
      picture.hidden = true;
      live(true);
      await video.play();
      take.focus();
    } catch {
      live(false);
      refused.hidden = false;
    }
  });

  take.addEventListener("click", () => {
    if (!video.videoWidth) return;
    // Large enough to see a face, and far below the largest picture that is taken.
    const scale = Math.min(1, 1280 / Math.max(video.videoWidth, video.videoHeight));
    picture.width = Math.round(video.videoWidth * scale);
    picture.height = Math.round(video.videoHeight * scale);
    picture.getContext("2d").drawImage(video, 0, 0, picture.width, picture.height);
    picture.toBlob((bytes) => {
      if (!bytes) return;
      const files = new DataTransfer();
      files.items.add(new File([bytes], "picture.jpg", { type: "image/jpeg" }));
      input.files = files.files;
      picture.hidden = false;
      live(false);
      start.focus();
    }, "image/jpeg", 0.9);
  });

  // A file that is chosen instead is the one that is sent.
  input.addEventListener("change", () => { picture.hidden = true; live(false); });
  box.hidden = false;
}
