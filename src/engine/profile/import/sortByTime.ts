/** Sorts in place; equal times keep their order. Samples are nearly in order, so each moves but a little. */
export function sortByTime(samples: Int32Array, times: Float64Array): void {
  let moves = 0;
  const limit = samples.length * 32 + 1024;
  for (let i = 1; i < times.length && moves <= limit; i++) {
    const time = times[i]!;
    if (time >= times[i - 1]!) continue;
    const sample = samples[i]!;
    let at = i;
    for (; at > 0 && times[at - 1]! > time; at--, moves++) {
      times[at] = times[at - 1]!;
      samples[at] = samples[at - 1]!;
    }
    times[at] = time;
    samples[at] = sample;
  }
  if (moves > limit) mergeSort(samples, times);
}

function mergeSort(samples: Int32Array, times: Float64Array): void {
  const size = samples.length;
  let fromTimes = times;
  let toTimes: Float64Array = new Float64Array(size);
  let fromSamples = samples;
  let toSamples: Int32Array = new Int32Array(size);
  for (let width = 1; width < size; width *= 2) {
    for (let low = 0; low < size; low += 2 * width) {
      const middle = Math.min(low + width, size);
      const high = Math.min(low + 2 * width, size);
      for (let at = low, left = low, right = middle; at < high; at++) {
        const takesLeft = left < middle && (right >= high || fromTimes[left]! <= fromTimes[right]!);
        const next = takesLeft ? left++ : right++;
        toTimes[at] = fromTimes[next]!;
        toSamples[at] = fromSamples[next]!;
      }
    }
    [fromTimes, toTimes] = [toTimes, fromTimes];
    [fromSamples, toSamples] = [toSamples, fromSamples];
  }
  if (fromTimes !== times) {
    times.set(fromTimes);
    samples.set(fromSamples);
  }
}
