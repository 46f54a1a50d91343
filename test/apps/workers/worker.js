const { parentPort, workerData } = require('node:worker_threads');

function plantedWork(rounds) {
  let sum = 0;
  for (let i = 0; i < rounds; i++) {
    sum += Math.sqrt(i) * Math.sin(i);
  }
  return sum;
}

if (workerData === 'once') plantedWork(1e5);
else {
  parentPort.on('message', (url) => {
    const end = Date.now() + 2500;
    let sum = plantedWork(2e5);
    while (url === '/long' && Date.now() < end) sum += plantedWork(2e5);
    parentPort.postMessage(String(sum));
  });
}
