'use strict';
// Stand-in for the native @vscode/spdlog (its compile takes over a minute):
// same interface, plain synchronous appends. VS Code writes every log file
// and the contents of every output channel through this module.
const fs = require('fs');
const path = require('path');
const NAMES = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
let globalLevel = 0;
const pad = (n, w = 2) => String(n).padStart(w, '0');
class Logger {
  constructor(type, name, file, maxSize, maxFiles) {
    this.name = name;
    this.file = file;
    this.maxSize = maxSize || 0;
    this.maxFiles = maxFiles || 1;
    this.level = globalLevel;
    this.raw = false;
    this.fd = undefined;
    this.size = 0;
    this.open();
  }
  open() {
    this.fd = fs.openSync(this.file, 'a');
    this.size = fs.fstatSync(this.fd).size;
  }
  rotate() {
    fs.closeSync(this.fd);
    const { dir, name, ext } = path.parse(this.file);
    const at = (i) => (i === 0 ? this.file : path.join(dir, `${name}.${i}${ext}`));
    for (let i = this.maxFiles - 1; i > 0; i--) {
      try {
        fs.renameSync(at(i - 1), at(i));
      } catch {
        /* not there yet */
      }
    }
    if (this.maxFiles <= 1) {
      fs.rmSync(this.file, { force: true });
    }
    this.open();
  }
  write(level, message) {
    if (level < this.level || this.fd === undefined) {
      return;
    }
    let line = String(message);
    if (!this.raw) {
      const d = new Date();
      line = `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())} ${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}.${pad(d.getMilliseconds(), 3)} [${NAMES[level]}] ${line}\n`;
    }
    const bytes = Buffer.byteLength(line);
    if (this.maxSize && this.size + bytes > this.maxSize && this.size > 0) {
      this.rotate();
    }
    try {
      fs.writeSync(this.fd, line);
      this.size += bytes;
    } catch {
      /* log folder removed */
    }
  }
  trace(m) {
    this.write(0, m);
  }
  debug(m) {
    this.write(1, m);
  }
  info(m) {
    this.write(2, m);
  }
  warn(m) {
    this.write(3, m);
  }
  error(m) {
    this.write(4, m);
  }
  critical(m) {
    this.write(5, m);
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  setPattern() {
    this.raw = false;
  }
  clearFormatters() {
    this.raw = true;
  }
  flush() {
    /* appends are synchronous */
  }
  drop() {
    if (this.fd !== undefined) {
      fs.closeSync(this.fd);
      this.fd = undefined;
    }
  }
}
async function create(type, name, file, maxSize, maxFiles) {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  return new Logger(type, name, file, maxSize, maxFiles);
}
exports.version = 11500;
exports.setLevel = function (level) {
  globalLevel = level;
};
exports.setFlushOn = function () {};
exports.Logger = Logger;
exports.createRotatingLogger = function (name, file, size, count) {
  return create('rotating', name, file, size, count);
};
exports.createAsyncRotatingLogger = function (name, file, size, count) {
  return create('rotating_async', name, file, size, count);
};
