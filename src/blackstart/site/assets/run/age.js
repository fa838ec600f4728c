// Last in every script: what a page with dates and folds does by itself.

showAge(new Date());
setInterval(() => showAge(new Date()), AGE);
openTarget();
window.addEventListener("hashchange", openTarget);
