export interface Product {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price: number;
  readonly stock: number;
}

const MATERIALS = ['walnut', 'oak', 'steel', 'linen', 'marble', 'bamboo', 'leather', 'glass'];
const THINGS = ['desk', 'lamp', 'chair', 'shelf', 'mirror', 'cabinet', 'table', 'bench'];
const ROOMS = ['office', 'kitchen', 'bedroom', 'hallway', 'garden', 'studio'];

/** The same 400 products on every start, so that each request always means the same work. */
export const catalogue: readonly Product[] = buildCatalogue(400);

/** Demand of the last 1024 hours, 0 to 1: what the price model reads. */
export const hourlyDemand: Float64Array = buildDemand(1024);

function buildCatalogue(count: number): Product[] {
  const random = sequence(20261);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? '';
  return Array.from({ length: count }, (_, index) => {
    const material = pick(MATERIALS);
    const thing = pick(THINGS);
    const room = pick(ROOMS);
    return {
      id: index + 1,
      name: `${material} ${thing} No. ${index + 1}`,
      description: `A ${material} ${thing} for the ${room}, made to order in ${2 + Math.floor(random() * 8)} weeks`,
      category: `${room}/${thing}`,
      price: Math.round(random() * 90_000 + 1_000) / 100,
      stock: Math.floor(random() * 50),
    };
  });
}

function buildDemand(hours: number): Float64Array {
  const random = sequence(77);
  return Float64Array.from({ length: hours }, (_, hour) => {
    const daily = 0.5 + 0.3 * Math.sin((hour / 24) * 2 * Math.PI);
    return daily + 0.2 * random();
  });
}

/** A linear congruential generator: numbers from 0 to 1, the same on each machine. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
