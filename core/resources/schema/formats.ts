/**
 * The textual forms of fields, each with the words that say what is expected. `pattern` is published in OpenAPI; `accepts` decides.
 * Patterns are linear: no nested repetition over the same characters.
 */
import { parseCidr, parseDuration, parseIp } from '../../kernel/index.ts';

export interface Format {
  readonly name: string;
  /** Completes "expected ...". */
  readonly expected: string;
  readonly pattern: string | undefined;
  readonly maxLength: number;
  accepts(text: string): boolean;
}

function pattern(name: string, expected: string, source: string, maxLength: number): Format {
  const regex = new RegExp(source);
  return {
    name,
    expected,
    pattern: source,
    maxLength,
    accepts: (text) => text.length <= maxLength && regex.test(text),
  };
}

const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';

/** RFC 1123 label. */
export const dnsLabel = pattern(
  'dns-label',
  'at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit',
  `^${LABEL}$`,
  63,
);

/** RFC 1035 label: what Kubernetes demands of a Service's name. */
export const dns1035Label = pattern(
  'dns-1035-label',
  'at most 63 lower-case letters, digits and `-`, beginning with a letter and ending with a letter or digit',
  '^[a-z](?:[-a-z0-9]*[a-z0-9])?$',
  63,
);

/** RFC 1123 subdomain: names of most kinds. */
export const dnsSubdomain = pattern(
  'dns-subdomain',
  'at most 253 characters: labels of lower-case letters, digits and `-`, joined by `.`',
  `^${LABEL}(?:\\.${LABEL})*$`,
  253,
);

/** Gateway API `Hostname`: a DNS name, `*.` allowed as its first label; never an IP address. */
export const hostname: Format = {
  ...pattern(
    'hostname',
    'a DNS name in lower case without port, such as `shop.example` or `*.shop.example`',
    `^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`,
    253,
  ),
  accepts: (text) => text.length <= 253 && HOSTNAME.test(text) && parseIp(text) === undefined,
};
const HOSTNAME = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`);

/** Gateway API `PreciseHostname`. */
export const preciseHostname: Format = {
  ...pattern(
    'precise-hostname',
    'a DNS name in lower case without wildcard and port',
    `^${LABEL}(?:\\.${LABEL})*$`,
    253,
  ),
  accepts: (text) => dnsSubdomain.accepts(text) && parseIp(text) === undefined,
};

/** RFC 9110, 5.6.2: token. */
export const headerName = pattern(
  'header-name',
  "an HTTP field name (letters, digits and !#$%&'*+-.^_`|~)",
  "^[A-Za-z0-9!#$%&'*+\\-.^_`|~]+$",
  256,
);

/** RFC 9110, 5.5, visible ASCII with single blanks between. */
export const headerValue = pattern(
  'header-value',
  'visible ASCII characters, single blanks or tabs only between them',
  '^[!-~]+(?:[\\t ][!-~]+)*$',
  4096,
);

/** A decimal number without a sign. */
export const percentage = pattern(
  'percentage',
  'a percentage such as `99.9`, with at most four decimals',
  '^(?:100|[0-9]{1,2})(?:\\.[0-9]{1,4})?$',
  8,
);

/** GEP-2257. */
export const duration: Format = {
  name: 'duration',
  expected: 'a duration such as `10s`, `1m30s` or `250ms` (units h, m, s, ms, each once and in this order)',
  pattern: '^(?:[0-9]{1,5}h)?(?:[0-9]{1,5}m)?(?:[0-9]{1,5}s)?(?:[0-9]{1,5}ms)?$',
  maxLength: 27,
  accepts: (text) => parseDuration(text) !== undefined,
};

export const ip: Format = {
  name: 'ip',
  expected: 'an IPv4 or IPv6 address',
  pattern: undefined,
  maxLength: 45,
  accepts: (text) => parseIp(text) !== undefined,
};

/** Whom a client may name in a URL. */
export const hostOrIp: Format = {
  name: 'host-or-ip',
  expected: 'a DNS name in lower case without wildcard and port, or an IPv4 or IPv6 address',
  pattern: undefined,
  maxLength: 253,
  accepts: (text) => dnsSubdomain.accepts(text) || parseIp(text) !== undefined,
};

export const cidr: Format = {
  name: 'cidr',
  expected: 'an IP address or a range such as `10.0.0.0/8`',
  pattern: undefined,
  maxLength: 49,
  accepts: (text) => parseCidr(text) !== undefined,
};

/** A Service's clusterIP. */
export const clusterIp: Format = {
  name: 'cluster-ip',
  expected: 'an IPv4 or IPv6 address, or `None`',
  pattern: undefined,
  maxLength: 45,
  accepts: (text) => text === 'None' || parseIp(text) !== undefined,
};

/** A place and all within: as precise as it is written. */
export const place: Format = {
  name: 'place',
  expected: '`region`, `region/zone` or `region/zone/subZone`',
  pattern: '^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,2}$',
  maxLength: 191,
  accepts: (text) => /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+){0,2}$/.test(text),
};

/** IANA service name (RFC 6335, 5.1), in lower case: a port that is named by a `targetPort`. */
export const portName: Format = {
  name: 'port-name',
  expected: 'a port name: at most 15 lower-case letters, digits and single `-`, with at least one letter',
  pattern: '^(?=[0-9-]*[a-z])[a-z0-9](?:-?[a-z0-9]){0,14}$',
  maxLength: 15,
  accepts: (text) => text.length <= 15 && /[a-z]/.test(text) && /^[a-z0-9](?:-?[a-z0-9])*$/.test(text),
};

/** Kubernetes' qualified name: `[prefix/]name`. */
const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
export const labelKey: Format = {
  name: 'label-key',
  expected: 'a label key: at most 63 letters, digits, `-`, `_` and `.`, with an optional DNS prefix and `/` before it',
  pattern: undefined,
  maxLength: 317,
  accepts(text) {
    const slash = text.indexOf('/');
    if (slash < 0) return NAME.test(text);
    return dnsSubdomain.accepts(text.slice(0, slash)) && NAME.test(text.slice(slash + 1));
  },
};

export const labelValue = pattern(
  'label-value',
  'at most 63 letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit, or nothing',
  '^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$',
  63,
);

/** An API group: '' is the core group. */
export const group = pattern(
  'group',
  'an API group (a DNS name), or "" for the core group',
  `^(?:${LABEL}(?:\\.${LABEL})*)?$`,
  253,
);

export const kindName = pattern(
  'kind',
  'the name of a kind, such as `Service`',
  '^[a-zA-Z](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$',
  63,
);

/** Kubernetes' `appProtocol`: an IANA service name or `domain/name`. */
export const appProtocol: Format = {
  name: 'app-protocol',
  expected: 'an IANA service name such as `http`, or a name with a domain such as `kubernetes.io/h2c`',
  pattern: undefined,
  maxLength: 317,
  accepts: labelKey.accepts,
};

/** SPIFFE trust domain (SPIFFE-ID, 2.1), at most 255 bytes. */
export const trustDomain = pattern(
  'trust-domain',
  'a SPIFFE trust domain: at most 255 lower-case letters, digits, `.`, `-` and `_`',
  '^[a-z0-9._-]+$',
  255,
);

/** SPIFFE-ID, 2: with a path. */
export const spiffeId: Format = {
  name: 'spiffe-id',
  expected: '`spiffe://TRUSTDOMAIN/PATH`',
  pattern: '^spiffe://[a-z0-9._-]{1,255}(/[A-Za-z0-9._-]+)+$',
  maxLength: 2048,
  accepts: (text) =>
    /^spiffe:\/\/[a-z0-9._-]{1,255}(?:\/[A-Za-z0-9._-]+)+$/.test(text) && !/\/\.{1,2}(?:\/|$)/.test(text),
};

/** Gateway API GatewayController: a domain, `/`, a path. */
export const controllerName = pattern(
  'controller-name',
  'a domain and a path, such as `example.com/controller`',
  `^${LABEL}(?:\\.${LABEL})*/[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+$`,
  253,
);

/** Gateway API ProtocolType: a word of Gateway API, or one of an implementation with its domain. */
export const listenerProtocol = pattern(
  'listener-protocol',
  'a protocol such as `HTTP`, or a domain and a word, such as `example.com/bar`',
  `^(?:[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?|${LABEL}(?:\\.${LABEL})*/[A-Za-z0-9]+)$`,
  255,
);

/** RFC 4648, section 4, with padding. */
export const base64 = pattern(
  'base64',
  'base64 with padding',
  '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
  1_048_576,
);

/** Kubernetes' key of a ConfigMap or Secret. */
export const configKey = pattern(
  'config-key',
  'at most 253 letters, digits, `-`, `_` and `.`',
  '^[-._a-zA-Z0-9]+$',
  253,
);

/** Gateway API AbsoluteURI (RFC 3986, 3): a scheme and what belongs to it. */
export const absoluteUri = pattern(
  'absolute-uri',
  'a URI with its scheme, such as `spiffe://shop.example/ns/a/sa/b`',
  '^[a-zA-Z][a-zA-Z0-9+.-]*://[^\\s/?#]+[^\\s#]*$',
  253,
);

/** Gateway API WellKnownCACertificatesType. */
export const wellKnownAuthorities = pattern(
  'well-known-authorities',
  '`System`, or a domain and a word, such as `example.com/authorities`',
  `^(?:System|${LABEL}(?:\\.${LABEL})*/[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$`,
  253,
);

/** Never a private key beside them. */
export const pemCertificates: Format = {
  name: 'pem-certificates',
  expected: 'certificates in PEM',
  pattern: undefined,
  maxLength: 65_536,
  accepts: (text) => text.includes('-----BEGIN CERTIFICATE-----') && !text.includes('PRIVATE KEY'),
};
