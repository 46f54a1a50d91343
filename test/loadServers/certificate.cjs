// Certificates for tests, made anew when a server starts: Node signs, and this writes the few ASN.1 structures
// (RFC 5280) around it. So there is no private key to keep, nothing that expires, and no openssl to install.
const crypto = require('node:crypto');

/**
 * `good` is of an authority that comes with it and names 127.0.0.1 and localhost; the others are what a client
 * must refuse. Answers PEM texts.
 */
exports.makeCertificate = (kind) => {
  const authority = { name: 'Test Authority', keys: newKeys() };
  const keys = newKeys();
  const own = { name: 'Test Server', keys };
  const issuer = kind === 'selfSigned' ? own : authority;
  const day = 24 * 3600 * 1000;
  const from = Date.now() - 30 * day;
  const certificate = sign(own, issuer, {
    from,
    to: kind === 'expired' ? from + day : Date.now() + 30 * day,
    names:
      kind === 'wrongName' ? { dns: ['elsewhere.example'] } : { dns: ['localhost'], ip: [[127, 0, 0, 1]] },
  });
  return {
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: certificate,
    ca: sign(authority, authority, { from, to: Date.now() + 30 * day, isAuthority: true }),
  };
};

function newKeys() {
  return crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

function sign(subject, issuer, { from, to, names, isAuthority = false }) {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ECDSA with SHA-256
  const extensions = [
    ...(isAuthority ? [extension('2.5.29.19', sequence(Buffer.from([0x01, 0x01, 0xff])))] : []), // CA: true
    ...(names ? [extension('2.5.29.17', alternativeNames(names))] : []),
  ];
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))), // version 3
    tagged(0x02, Buffer.concat([Buffer.from([1]), crypto.randomBytes(8)])), // serial number, positive
    algorithm,
    distinguishedName(issuer.name),
    sequence(time(from), time(to)),
    distinguishedName(subject.name),
    subject.keys.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = crypto.sign('sha256', body, issuer.keys.privateKey);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g);
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function tagged(tag, content) {
  const length = content.length;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...parts) {
  return tagged(0x30, Buffer.concat(parts));
}

function oid(dotted) {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let high = arc >>> 7; high > 0; high >>>= 7) groups.unshift((high & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tagged(0x06, Buffer.from(bytes));
}

function distinguishedName(commonName) {
  return sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(commonName)))));
}

function time(ms) {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  return tagged(0x18, Buffer.from(digits));
}

function extension(id, content) {
  return sequence(oid(id), tagged(0x04, content));
}

function alternativeNames({ dns = [], ip = [] }) {
  return sequence(
    ...dns.map((name) => tagged(0x82, Buffer.from(name))),
    ...ip.map((address) => tagged(0x87, Buffer.from(address))),
  );
}
