console.log('working, but not a server');
setInterval(() => undefined, 1000);
