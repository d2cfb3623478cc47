// A clock that keeps its beat while the tab is in the background, where a page's own timers are slowed to one a minute.

const BEAT_MS = 250;

setInterval(() => self.postMessage(0), BEAT_MS);
