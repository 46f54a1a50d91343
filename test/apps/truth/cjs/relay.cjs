const { target } = require('./target.cjs');

function forward(value) {
  return target(value + 1, 150);
}

module.exports = { forward };
