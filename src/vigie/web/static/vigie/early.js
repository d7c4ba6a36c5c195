// Say that scripts run before anything is drawn, so that what they fold is never seen open.
document.documentElement.classList.add("js");
