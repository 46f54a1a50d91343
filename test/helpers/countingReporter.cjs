'use strict';
// Mocha's "spec" reporter, which also writes the counts to the file named by THROUGHLINE_TEST_COUNTS, so that
// test/run.mjs can add up suites that ran in different processes.
const fs = require('node:fs');
const path = require('node:path');
const { reporters } = require('mocha');

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.THROUGHLINE_TEST_COUNTS;
    if (!file) return;
    runner.once('end', () => {
      // A failing hook counts as a failure of its own, as it does in mocha's exit code.
      const { passes: passed, failures: failed, pending: skipped } = this.stats;
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, JSON.stringify({ passed, failed, skipped }));
    });
  }
};
