require('./unfinished.txt');
