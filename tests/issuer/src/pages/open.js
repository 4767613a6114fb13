// "Open in the app" for links whose activation is confirmed in the portal (flag bit 1 of the payload, byte 2).
// Any app can claim softtoken://, so a link that is not confirmed must not go there.
"use strict";
const match = /^#2\.([A-Za-z0-9_-]{4,2000})$/.exec(location.hash);
if (match) {
  const start = atob(match[1].slice(0, 4).replace(/-/g, "+").replace(/_/g, "/"));
  if (start.charCodeAt(0) === 2 && (start.charCodeAt(2) & 2) !== 0) {
    const place = document.getElementById("open");
    place.querySelector("a").href = "softtoken://a" + location.hash;
    place.hidden = false;
  }
}
