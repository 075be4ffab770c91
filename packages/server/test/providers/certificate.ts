import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A certificate that vouches for itself, for tests: valid an hour from now, and an hour back. */
export interface Certificate {
  /** PEM. */
  readonly key: string
  /** PEM. */
  readonly cert: string
  /** SHA-256 of its public key, base64: how a browser is told to trust this one and no other. */
  readonly publicKeyHash: string
}

/** Makes one for these host names (RFC 5280). */
export function certificateFor(hosts: readonly string[]): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKeyInfo = publicKey.export({ type: 'spki', format: 'der' })
  const algorithm = sequence(identifier('2a8648ce3d040302')) // ecdsa-with-SHA256
  const name = sequence(der(0x31, sequence(identifier('550403'), der(0x0c, Buffer.from('Gatewright tests')))))
  const names = sequence(...hosts.map((host) => der(0x82, Buffer.from(host))))
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(-3_600_000), time(3_600_000)),
    name,
    publicKeyInfo,
    der(
      0xa3,
      sequence(
        sequence(identifier('551d11'), der(0x04, names)), // subjectAltName
        sequence(
          identifier('551d13'),
          der(0x01, Buffer.from([0xff])),
          der(0x04, sequence(der(0x01, Buffer.from([0xff])))),
        ), // CA
      ),
    ),
  )
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]))
  const encoded = sequence(body, algorithm, signature).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${encoded.replace(/(.{64})/g, '$1\n').trim()}\n-----END CERTIFICATE-----\n`,
    publicKeyHash: createHash('sha256').update(publicKeyInfo).digest('base64'),
  }
}

/** A value in DER: its tag, its length, itself. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const sized =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...sized]), content])
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts)

const identifier = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))

function time(fromNowMs: number): Buffer {
  const digits = new Date(Date.now() + fromNowMs).toISOString().replace(/\D/g, '')
  return der(0x18, Buffer.from(`${digits.slice(0, 14)}Z`))
}
