import type { Page } from 'playwright-core';

/** Of the frames while zooming and panning, in milliseconds. */
export interface FrameTimes {
  readonly frames: number;
  /** From one frame to the next. */
  readonly intervalP95: number;
  /** What the page's thread did for a frame: its scripts, style, layout and painting. */
  readonly workP50: number;
  readonly workP95: number;
}

/** How a viewer's wheel zooms and pans. */
export interface WheelGestures {
  readonly zoom: WheelEventInit;
  readonly pan: WheelEventInit;
}

/**
 * Zooms in, pans both ways and zooms out by a wheel event a frame in the middle of the graph. Each frame is timed in
 * the page: from its beginning to the first task behind its painting.
 */
export async function measureFrames(page: Page, gestures: WheelGestures): Promise<FrameTimes> {
  const { intervals, work } = await page.evaluate<{ intervals: number[]; work: number[] }>(
    `(${IN_PAGE})(${JSON.stringify(gestures)})`,
  );
  return {
    frames: work.length,
    intervalP95: percentile(intervals, 0.95),
    workP50: percentile(work, 0.5),
    workP95: percentile(work, 0.95),
  };
}

/** A text, for what compiles this file would put helpers of its own into a function. */
const IN_PAGE = `async ({ zoom, pan }) => {
  const [x, y] = [innerWidth * 0.45, innerHeight * 0.55];
  const deepest = (root) => {
    const found = root.elementFromPoint(x, y);
    return found && found.shadowRoot ? deepest(found.shadowRoot) : found;
  };
  const flipped = ({ deltaX = 0, deltaY = 0, ...rest }) => ({ ...rest, deltaX: -deltaX, deltaY: -deltaY });
  const steps = [
    ...Array(60).fill(zoom),
    ...Array(60).fill(pan),
    ...Array(60).fill(flipped(pan)),
    ...Array(60).fill(flipped(zoom)),
  ];
  const intervals = [];
  const work = [];
  const channel = new MessageChannel();
  let painted;
  channel.port1.onmessage = () => painted();
  let last = await new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
  for (const step of steps) {
    await new Promise((resolve) => {
      requestAnimationFrame(() => {
        const begun = performance.now();
        intervals.push(begun - last);
        last = begun;
        painted = () => {
          work.push(performance.now() - begun);
          resolve();
        };
        channel.port2.postMessage(0);
        const init = { clientX: x, clientY: y, bubbles: true, cancelable: true, composed: true, ...step };
        deepest(document).dispatchEvent(new WheelEvent('wheel', init));
      });
    });
  }
  return { intervals, work };
}`;

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
}
