/** Collectors that a Mesh names: where they are, and by whose authorities they are verified. */
import { parseIp } from '../../kernel/index.ts';
import type { Format } from '../schema/formats.ts';
import { defaulted, map, oneOf, optional, string } from '../schema/schema.ts';

export interface CollectorAddress {
  readonly host: string;
  readonly isName: boolean;
  readonly port: number;
  /** '' where the URL has none. */
  readonly path: string;
  /** `https`: its certificate is verified by the system's authorities, or by those that are stated. */
  readonly secure: boolean;
}

const URL_PARTS = /^(https?):\/\/(\[[0-9a-fA-F:.]+\]|[^/:?#@\s]+)(?::([0-9]{1,5}))?(\/[^?#\s]*)?$/;
const NAME = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;
const LONGEST_PEM = 65_536;

/** `http[s]://HOST[:PORT][/PATH]`; undefined for what is none. */
export function collectorAddress(text: string, standardPort: number): CollectorAddress | undefined {
  const [, scheme, written = '', port, path = ''] = URL_PARTS.exec(text) ?? [];
  const host = written.replace(/^\[|\]$/g, '');
  const isName = parseIp(host) === undefined;
  const number = port === undefined ? standardPort : Number(port);
  if (host === '' || (isName && !NAME.test(host)) || number < 1 || number > 65_535) return undefined;
  return { host, isName, port: number, path: path === '/' ? '' : path, secure: scheme === 'https' };
}

export const collectorUrl: Format = {
  name: 'collector-url',
  expected: '`http://HOST:PORT` or `https://HOST:PORT`, with a `/PATH` or without',
  pattern: '^https?://[^?#@]+$',
  maxLength: 253,
  accepts: (text) => collectorAddress(text, 1) !== undefined,
};

export const caCertificates = optional(
  string({ maxLength: LONGEST_PEM }),
  'Authorities (PEM) of a collector at `https`. Absent: those of the system that calls it.',
);

/** What the fields of a collector say together. */
export function checkCollector(
  {
    endpoint,
    caCertificates: pem,
  }: { readonly endpoint?: string | undefined; readonly caCertificates?: string | undefined },
  report: (path: readonly string[], code: 'invalid-value', message: string, remedy: string) => void,
): void {
  if (pem === undefined) return;
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    report(
      ['caCertificates'],
      'invalid-value',
      'expected PEM with `-----BEGIN CERTIFICATE-----`',
      'write certificates',
    );
  else if (endpoint?.startsWith('https://') !== true)
    report(
      ['caCertificates'],
      'invalid-value',
      'is said to collectors at `https` alone',
      'write an `endpoint` with https',
    );
}

export const protocol = (path: string) =>
  defaulted(
    oneOf(['Grpc', 'Http']),
    'Grpc',
    `What carries it; over HTTP the path is \`${path}\` unless the endpoint has one.`,
  );

export const resourceAttributes = defaulted(
  map(string({ minLength: 0, maxLength: 1024 }), {
    keys: {
      name: 'attribute-name',
      expected: 'letters, digits, `.`, `_` and `-`',
      pattern: '^[a-zA-Z][a-zA-Z0-9._-]*$',
      maxLength: 128,
      accepts: (text) => /^[a-zA-Z][a-zA-Z0-9._-]*$/.test(text),
    },
    maxEntries: 64,
  }),
  {},
  'Attributes of the resource, beside those that say who it is.',
);
