/** What of TLS a listener says by `tls.options` (Gateway API, ListenerTLSConfig.options), in keys of weft.dev. */
import type { Report } from '../schema/schema.ts';

const PREFIX = 'weft.dev/';
const MINIMUM = `${PREFIX}minimum-protocol-version`;
const MAXIMUM = `${PREFIX}maximum-protocol-version`;
const SUITES = `${PREFIX}cipher-suites`;
const CLIENTS = `${PREFIX}client-certificates`;
const CERTIFICATES = `${PREFIX}certificates`;
/** Of mode Passthrough. */
const PASSTHROUGH = `${PREFIX}passthrough`;

const VERSIONS = ['1.2', '1.3'] as const;
export type TlsOptionVersion = (typeof VERSIONS)[number];

/** Of TLS 1.2, in OpenSSL's names: with forward secrecy and authenticated encryption (RFC 9325, 4.2), known to both engines. */
const CIPHER_SUITES: readonly string[] = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

export interface TlsOptions {
  readonly minimumVersion: TlsOptionVersion;
  readonly maximumVersion: TlsOptionVersion;
  /** Empty: the engine's own. */
  readonly cipherSuites: readonly string[];
  /** Where clients are asked for certificates, one that shows none is let in. */
  readonly clientsOptional: boolean;
  /** Mutual TLS of the mesh: the process shows its own certificate, and callers must show one of the mesh. */
  readonly ofMesh: boolean;
  /** Server names of services of the mesh lead to them, without a route. */
  readonly toServices: boolean;
}

type Options = Readonly<Record<string, string>>;

const listed = (text: string): string[] => text.split(',').map((one) => one.trim());

/** Of options that were checked. Browsers and others speak TLS 1.2 still. */
export function tlsOptions(options: Options = {}): TlsOptions {
  const suites = options[SUITES];
  return {
    minimumVersion: options[MINIMUM] === '1.3' ? '1.3' : '1.2',
    maximumVersion: options[MAXIMUM] === '1.2' ? '1.2' : '1.3',
    cipherSuites: suites === undefined ? [] : listed(suites),
    clientsOptional: options[CLIENTS] === 'Optional',
    ofMesh: ofMesh(options),
    toServices: options[PASSTHROUGH] === 'Services',
  };
}

/** Of options that may be wrong. */
export const ofMesh = (options: Options = {}): boolean => options[CERTIFICATES] === 'Mesh';

/** Keys of others: they mean nothing here. */
export const foreignOptions = (options: Options = {}): string[] =>
  Object.keys(options).filter((key) => !key.startsWith(PREFIX));

/** Key of the option by which certificates of clients are optional, where it is said. */
export const clientsOption = (options: Options = {}): string | undefined =>
  options[CLIENTS] === 'Optional' ? CLIENTS : undefined;

export function checkTlsOptions(options: Options, mode: string, report: Report): void {
  for (const [key, value] of Object.entries(options)) {
    if (!key.startsWith(PREFIX)) continue;
    const wrong = (message: string, remedy: string): void => report([key], 'invalid-value', message, remedy);
    const values = key === CLIENTS ? ['Optional', 'Required'] : key === CERTIFICATES ? ['Mesh'] : VERSIONS;
    if (key === PASSTHROUGH) {
      if (mode !== 'Passthrough')
        report(
          [key],
          'exclusive-fields',
          'TLS ends at the gateway: nothing passes through',
          'write mode `Passthrough`',
        );
      else if (value !== 'Services') wrong(`\`${value}\` is not \`Services\``, 'write `Services`, or remove it');
    } else if (mode === 'Passthrough')
      report([key], 'exclusive-fields', 'TLS ends at the backend: nothing can be said of it here', 'remove it');
    else if (key !== CERTIFICATES && ofMesh(options))
      report(
        [key],
        'exclusive-fields',
        `is not allowed beside \`${CERTIFICATES}\`: mutual TLS of the mesh is fixed`,
        'remove it',
      );
    else if (key === SUITES) checkSuites(value, wrong);
    else if (key !== MINIMUM && key !== MAXIMUM && key !== CLIENTS && key !== CERTIFICATES)
      report(
        [key],
        'unknown-field',
        'there is no such option',
        `write one of ${[MINIMUM, MAXIMUM, SUITES, CLIENTS, CERTIFICATES].join(', ')}`,
      );
    else if (!(values as readonly string[]).includes(value))
      wrong(`\`${value}\` is none of ${values.join(', ')}`, `write ${values.join(' or ')}`);
  }
  const { minimumVersion, maximumVersion, cipherSuites } = tlsOptions(options);
  if (minimumVersion > maximumVersion)
    report([MAXIMUM], 'out-of-range', 'is below the minimum: nobody could connect', 'write 1.3, or lower the minimum');
  if (minimumVersion === '1.3' && cipherSuites.length > 0)
    report([SUITES], 'no-effect', 'has no effect: suites of TLS 1.3 cannot be chosen', 'remove it', 'warning');
}

function checkSuites(text: string, wrong: (message: string, remedy: string) => void): void {
  const suites = listed(text);
  const unknown = suites.filter((suite) => !CIPHER_SUITES.includes(suite));
  if (unknown.length > 0)
    wrong(
      `no suite of TLS 1.2 with forward secrecy: ${unknown.join(', ')}`,
      `write some of ${CIPHER_SUITES.join(', ')}`,
    );
  else if (new Set(suites).size < suites.length) wrong('a suite is there twice', 'write each once');
}
