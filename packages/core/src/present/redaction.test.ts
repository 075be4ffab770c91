import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRedactor } from './redaction'

const redactor = createRedactor({ pointers: [] })
const b64 = (text: string) => Buffer.from(text).toString('base64url')
// Put together here, so that no scanner takes them for real ones.
const SECRETS: Readonly<Record<string, string>> = {
  'AWS key id': `AKIA${'IOSFODNN7EXAMPLE'}`,
  'AWS temporary key id': `ASIA${'IOSFODNN7EXAMPLE'}`,
  'AWS secret key': `wJalrXUtnFEMI/K7MDENG/${'bPxRfiCYEXAMPLEKEY'}`,
  'GitHub token': `ghp_${'a1B2'.repeat(9)}`,
  'GitHub OAuth token': `gho_${'a1B2'.repeat(9)}`,
  'GitHub server token': `ghs_${'a1B2'.repeat(9)}`,
  'GitHub fine-grained token': `github_pat_${'a1B2c3'.repeat(10)}`,
  'Slack bot token': `xoxb-${'123456789012-abcdefABCDEF'}`,
  'Slack user token': `xoxp-${'123456789012-abcdefABCDEF'}`,
  JWT: `${b64('{"alg":"HS256","typ":"JWT"}')}.${b64('{"sub":"1234567890","name":"x"}')}.${'s5c'.repeat(12)}`,
  'PEM key': `-----BEGIN RSA PRIVATE KEY-----\nMIIEow${'IBAAKCAQEA'.repeat(5)}\n-----END RSA PRIVATE KEY-----`,
  'PEM key without an end': `-----BEGIN PRIVATE KEY-----\nMIIEow${'IBAAKCAQEA'.repeat(5)}`,
  'card number': '4111 1111 1111 1111',
  'card number, dashed': '5500-0000-0000-0004',
  'card number, plain': '4111111111111111',
  'Google key': `AIza${'SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q'}`,
  'Stripe key': `sk_live_${'4eC39HqLyjWDarjtT1zdp7dc'}`,
  'OpenAI key': `sk-${'proj-abcdEFGH1234ijklMNOP5678'}`,
  'Anthropic key': `sk-ant-${'api03-abcdEFGH1234ijklMNOP5678'}`,
  'npm token': `npm_${'a1B2'.repeat(9)}`,
}
const around = ['', 'use ', 'key=', '"', '(', 'x: ']

describe('T43: secrets inside texts', () => {
  test.each(Object.entries(SECRETS))('T43: a %s is gone, and the rest stays', (_, secret) => {
    for (const before of around) {
      const { text, redacted } = redactor.text(`${before}${secret} and more`)
      expect(redacted).toBe(true)
      expect(text).not.toContain(secret)
      // Not even most of it.
      expect(text).not.toContain(secret.slice(Math.floor(secret.length / 3)))
      expect(text).toContain('[redacted')
      if (!secret.startsWith('-----BEGIN PRIVATE')) expect(text.endsWith('and more')).toBe(true)
    }
  })

  test.each(Object.entries(SECRETS))(
    'T43: a %s with a hidden character in it is hidden with everything around it',
    (_, secret) => {
      const middle = Math.floor(secret.length / 2)
      for (const hidden of ['\u200b', '\u2060', '\u00ad', '\u{e0041}', '\u034f']) {
        const { text, redacted } = redactor.text(
          `use ${secret.slice(0, middle)}${hidden}${secret.slice(middle)} now`,
        )
        expect(redacted).toBe(true)
        expect(text).not.toContain(secret.slice(-6))
      }
    },
  )

  test('T43: connection strings keep all but the password', () => {
    expect(redactor.text('postgres://app:hunter2pass@db.example.com:5432/main').text).toBe(
      'postgres://app:[redacted: password]@db.example.com:5432/main',
    )
    expect(redactor.text('redis://:hunter2pass@cache').text).not.toContain('hunter2')
    expect(redactor.text('https://user:p%40ss:word@h.example/').text).not.toContain('p%40ss')
  })

  test('T43: authorization headers, assignments and signed links are hidden', () => {
    for (const text of [
      'Authorization: Bearer abcdefghijklmnop1234',
      'authorization: bearer abcdefghijklmnop1234',
      'password=hunter2',
      'PASSWORD: "hunter2"',
      '{"api_key": "hunter2"}',
      'https://x.example/?token=hunter2&a=1',
      'https://prod.example/workflows/1?sig=hunter2hunter2',
    ]) {
      const shown = redactor.text(text)
      expect(shown.redacted).toBe(true)
      expect(shown.text).not.toMatch(/hunter2|abcdefghijklmnop1234/)
    }
  })

  test.each([
    'export 5000 rows of customers to s3://bucket/exports/2026-05-01',
    'https://example.com/a/b?page=2',
    '4111 1111 1111 1112',
    '2026-05-01T10:00:00.000Z',
    'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'task-force-of-the-whole-company',
    '550e8400-e29b-41d4-a716-446655440000',
    'the token ring network',
    'src/components/very/long/path/to/a/File.tsx',
    '01J9Z3VY0M3M3Y4B1Q2W5E6R7T',
  ])('leaves %j alone', (text) => {
    expect(redactor.text(text)).toEqual({ text, redacted: false })
  })

  test('redacting twice changes nothing more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(...Object.values(SECRETS))), { maxLength: 6 }),
        (parts) => {
          const once = redactor.text(parts.join(' ')).text
          expect(redactor.text(once).text).toBe(once)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('own patterns hide too, each time, whatever their flags', () => {
    const own = createRedactor({ patterns: [/EMP-\d{4}/, /cust-\d+/gi] })
    for (let time = 0; time < 3; time += 1)
      expect(own.text('EMP-1234 and CUST-99').text).not.toMatch(/1234|99/)
    expect(() => createRedactor({ patterns: ['x'] as unknown as RegExp[] })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }),
    )
  })

  const MB = 1_000_000
  test.each(
    [
      'eyJ-',
      'eyJabcdefgh.',
      'a://',
      'a:b:',
      ':// @',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN ',
      'password',
      'password=',
      'secret: ',
      'bearer ',
      'sk-',
      'xoxb-',
      '1 ',
      '1',
      '4111 1',
      'AIza',
      'ghp_',
      'aB1/',
      'A',
      'api_key"',
      'github_pat_',
      ' ',
      '"',
      'key: : : ',
      'hooks.slack.com/services/',
      'а',
      '\u200b',
      'basic   ',
    ].map((unit) => [unit] as const),
  )('T43: a megabyte of %j does not stop the process', (unit) => {
    const text = unit.repeat(Math.ceil(MB / unit.length))
    const started = process.cpuUsage().user
    redactor.text(text)
    expect(process.cpuUsage().user - started).toBeLessThan(4_000_000)
  })
})

describe('T43: secrets by key', () => {
  test.each([
    'password',
    'Password',
    'PASSWD',
    'db_password',
    'dbPassword',
    'user-password',
    'secret',
    'client_secret',
    'clientSecret',
    'token',
    'access_token',
    'api_key',
    'apiKey',
    'API-KEY',
    'apikey',
    'x-api-key',
    'Authorization',
    'cookie',
    'private_key',
    'privateKey',
    'credential',
    'credentials',
    'ssn',
    'cvv',
    'pass\u200bword',
    'ｐassword',
  ])('T43: %s hides its value', (key) => {
    expect(redactor.hidesKey(key, 'x')).toBe(true)
    expect(redactor.hidesKey(key, { nested: 1 })).toBe(true)
  })

  test.each([
    ['max_tokens', 5],
    ['tokens', 5],
    ['token', 5],
    ['password', true],
    ['tokenizer', 'cl100k'],
    ['passwordless', 'yes'],
    ['secretary', 'Ann'],
    ['compass', 'N'],
    ['author', 'Ann'],
    ['monkey', 'x'],
    ['key', 'x'],
    ['pinned', 'x'],
    ['rows', 'x'],
  ] as const)('%s: %s stays', (key, value) => {
    expect(redactor.hidesKey(key, value)).toBe(false)
  })

  test('extra names count like the known ones, in any writing', () => {
    const own = createRedactor({ keys: ['employeeNumber'] })
    for (const key of ['employeeNumber', 'employee_number', 'EMPLOYEE-NUMBER', 'the_employee_number'])
      expect(own.hidesKey(key, 'x')).toBe(true)
    expect(own.hidesKey('number', 'x')).toBe(false)
  })

  test('pointers hide whatever lies there, numbers too', () => {
    const own = createRedactor({ pointers: ['/users/*/pin', '/a~1b'] })
    expect(own.hidesPath(['users', '3', 'pin'])).toBe(true)
    expect(own.hidesPath(['users', '3', 'pin', 'x'])).toBe(true)
    expect(own.hidesPath(['users', '3'])).toBe(false)
    expect(own.hidesPath(['a/b'])).toBe(true)
    expect(() => createRedactor({ pointers: ['users'] })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }),
    )
  })

  test('T40: a misspelt option is refused', () => {
    expect(() => createRedactor({ pattern: [] } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }),
    )
  })
})
