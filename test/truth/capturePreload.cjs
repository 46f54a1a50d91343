// Preloaded into a truth app: profiles it from its start and, between its events `truth:begin` and `truth:end`,
// records the window. Writes a capture folder as the agent does.
const fs = require('node:fs');
const inspector = require('node:inspector');
const path = require('node:path');
const { isMainThread } = require('node:worker_threads');

const folder = process.env.TRUTH_CAPTURE;
if (isMainThread && folder) {
  const session = new inspector.Session();
  session.connect();
  const post = (method, params) => {
    let reply;
    session.post(method, params, (error, value) => {
      if (error) throw new Error(`${method}: ${error.message}`);
      reply = value;
    });
    return reply;
  };
  post('Profiler.enable');
  post('Profiler.setSamplingInterval', { interval: 1000 });
  post('Profiler.start');
  let profile;
  session.on('Profiler.consoleProfileFinished', ({ params }) => (profile = params.profile));
  process.once('truth:begin', () => inspector.console.profile('window'));
  process.once('truth:end', () => {
    inspector.console.profileEnd('window');
    const parsed = [];
    session.on('Debugger.scriptParsed', ({ params }) => parsed.push(params));
    post('Debugger.enable');
    fs.mkdirSync(folder, { recursive: true });
    const scripts = parsed
      // Also scripts without a sample: V8 may have inlined all of their functions.
      .filter(({ url }) => /^(file:|\/)/.test(url) && !url.includes('/node_modules/'))
      .map(({ scriptId, url, sourceMapURL }) => {
        const { scriptSource } = post('Debugger.getScriptSource', { scriptId });
        const sourceFile = `script-${scriptId}.js`;
        fs.writeFileSync(path.join(folder, sourceFile), scriptSource);
        return { scriptId, url, sourceMapUrl: sourceMapURL || undefined, sourceFile };
      });
    fs.writeFileSync(path.join(folder, 'profile.cpuprofile'), JSON.stringify(profile));
    fs.writeFileSync(path.join(folder, 'scripts.json'), JSON.stringify(scripts));
    session.disconnect();
  });
}
