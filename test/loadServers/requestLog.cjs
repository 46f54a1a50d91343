const { nowMicros } = require('./clock.cjs');

const LONGEST = 4_000_000;

/** When each request arrived and when its reply was handed over, in microseconds of the monotonic clock. */
exports.RequestLog = class RequestLog {
  arrivals = new Float64Array(1024);
  replies = new Float64Array(1024);
  count = 0;

  /** Answers the request's index. */
  arrived() {
    if (this.count === LONGEST) throw new Error(`more than ${LONGEST} requests`);
    if (this.count === this.arrivals.length) {
      this.arrivals = grown(this.arrivals);
      this.replies = grown(this.replies);
    }
    this.arrivals[this.count] = nowMicros();
    this.replies[this.count] = NaN;
    return this.count++;
  }

  replied(index) {
    this.replies[index] = nowMicros();
  }

  /** Of those that arrived from `sinceMicros` on; a request without a reply has `NaN`. */
  since(sinceMicros) {
    let first = 0;
    while (first < this.count && this.arrivals[first] < sinceMicros) first++;
    return {
      arrivals: this.arrivals.slice(first, this.count),
      replies: this.replies.slice(first, this.count),
    };
  }
};

function grown(old) {
  const larger = new Float64Array(old.length * 2);
  larger.set(old);
  return larger;
}
