// This function stands on the lines on which its caller stands in the main file, so that the line
// numbers alone cannot tell the two apart.
//
//   16  runBlend
//   17
//   18
//   19  the loop
//   20
//   21
//   22
//   23  the call
//
//
//
//
//
export const blend = (value: number, rounds: number): number => {
  let result = value;
  for (let i = 0; i < rounds; i++) result = (result * 33 + (result >>> 5) + i) | 0; // plant: blend
  return result;
};
