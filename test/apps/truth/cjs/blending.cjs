// This function stands on the lines on which its caller stands in the main file, so that the line
// numbers alone cannot tell the two apart.

exports.blend = (value, rounds) => {
  let result = value;
  for (let i = 0; i < rounds; i++) result = (result * 33 + (result >>> 5) + i) | 0; // plant: blend
  return result;
};
