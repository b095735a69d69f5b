// A noisy neighbour: until it is killed, it writes to every cache line of 64 MB, 2 ms of every 4.
const memory = new Uint8Array(67_108_864);
const cacheLine = 64;
let at = 0;

function sweep(): void {
  const until = performance.now() + 2;
  while (performance.now() < until) {
    for (let i = 0; i < 1000; i++) {
      memory[at] = (memory[at] ?? 0) + 1;
      at = (at + cacheLine) % memory.length;
    }
  }
  setTimeout(sweep, 2);
}

memory.fill(1);
console.log('sweeping');
sweep();
