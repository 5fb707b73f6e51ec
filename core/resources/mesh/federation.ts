/** spec.federation of a Mesh: foreign trust domains, and where their bundles are served (SPIFFE Federation). */
import type { Format } from '../schema/formats.ts';
import { pemCertificates, spiffeId, trustDomain } from '../schema/formats.ts';
import { array, object, oneOf, optional, required, string, defaulted } from '../schema/schema.ts';
import type { Report } from '../schema/schema.ts';

/** Foreign trust domains of a mesh. */
export const MAX_FOREIGN = 8;

const URL_PARTS =
  /^https:\/\/(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?)(?::([0-9]{1,5}))?(?:\/[!-~]*)?$/;

/** SPIFFE Federation 5.2: https, no user and no password. */
const bundleUrl: Format = {
  name: 'bundle-url',
  expected: '`https://HOST[:PORT][/PATH]`, without user and fragment',
  pattern: '^https://[^@#]+$',
  maxLength: 2048,
  accepts: (text) => {
    const [whole, port] = URL_PARTS.exec(text) ?? [];
    return (
      whole !== undefined &&
      !/[#@"<>\\^`{|}]/.test(text) &&
      (port === undefined || (Number(port) > 0 && Number(port) < 65_536))
    );
  },
};

const endpoint = object(
  {
    url: required(string({ format: bundleUrl }), 'Where the bundle is. No redirect is followed.'),
    profile: defaulted(
      oneOf(['HttpsWeb', 'HttpsSpiffe']),
      'HttpsWeb',
      'How the server is known (SPIFFE Federation 5.2). `HttpsWeb`: by a certificate for its host name, of an authority that the system or `certificateAuthorities` trusts. `HttpsSpiffe`: by an SVID named `spiffeId`.',
    ),
    spiffeId: optional(
      string({ format: spiffeId }),
      'With `HttpsSpiffe`: the server’s SPIFFE ID, verified with the bundle of its trust domain: this one, or another of the list.',
    ),
    certificateAuthorities: optional(
      string({ format: pemCertificates }),
      'With `HttpsWeb`: authorities beside those of the system, in PEM.',
    ),
  },
  ({ profile, spiffeId: id, certificateAuthorities }, report) => {
    if (profile === 'HttpsSpiffe' && id === undefined)
      report(
        ['spiffeId'],
        'missing-field',
        'is required with `HttpsSpiffe`',
        'name the SPIFFE ID of the server’s SVID',
      );
    if (profile === 'HttpsSpiffe' && certificateAuthorities !== undefined)
      report(
        ['certificateAuthorities'],
        'invalid-value',
        'has no meaning with `HttpsSpiffe`',
        'write the first bundle into `bundle`',
      );
    if (profile === 'HttpsWeb' && id !== undefined)
      report(
        ['spiffeId'],
        'invalid-value',
        'has no meaning with `HttpsWeb`',
        'leave it out, or write `profile: HttpsSpiffe`',
      );
  },
);

const foreign = object(
  {
    trustDomain: required(
      string({ format: trustDomain }),
      'The foreign trust domain; none of this control plane’s meshes has it.',
    ),
    endpoint: optional(
      endpoint,
      'Where its bundle is fetched from, again and again: as often as its `spiffe_refresh_hint` says (from 10 s to 1 h, else every 5 min). What was fetched last counts on when that fails, and across restarts.',
    ),
    bundle: optional(
      string({ maxLength: 65_536 }),
      'A bundle in SPIFFE’s JSON, pasted: the first one, until one is fetched, or with no `endpoint` the only one. `HttpsSpiffe` needs one where the server is in this trust domain.',
    ),
  },
  ({ trustDomain: domain, endpoint: at, bundle }, report) => {
    if (at === undefined && bundle === undefined)
      report([], 'missing-field', 'says nothing of the bundle', 'add `endpoint`, or a `bundle`');
    if (at?.spiffeId?.startsWith(`spiffe://${domain}/`) === true && bundle === undefined)
      report(
        ['bundle'],
        'missing-field',
        'is required: without a first bundle nothing can verify the server',
        'fetch it by a way that you trust and paste it',
      );
    if (bundle !== undefined) checkBundle(bundle, report);
  },
);

/** The keys are read where the bundle is used; here only what needs no cryptography. */
function checkBundle(text: string, report: Report): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined;
  if (!Array.isArray(keys)) {
    report(
      ['bundle'],
      'invalid-value',
      'is no JSON object with a list `keys`',
      'paste the SPIFFE bundle as it is served',
    );
    return;
  }
  for (const [index, key] of (keys as readonly unknown[]).entries())
    if (typeof key === 'object' && key !== null && 'd' in key)
      report(
        ['bundle'],
        'invalid-value',
        `holds a private key (keys[${index}])`,
        'paste public keys alone, and make a new key: this one is known now',
      );
}

export const federation = array(foreign, { maxItems: MAX_FOREIGN, uniqueBy: ['trustDomain'] });

/** What holds between the entries; paths are from the list. */
export function checkFederation(
  list: readonly {
    readonly trustDomain: string;
    readonly endpoint?: { readonly spiffeId?: string | undefined } | undefined;
  }[],
  own: string,
  report: Report,
): void {
  const names = list.map(({ trustDomain: name }) => name);
  for (const [index, { trustDomain: name, endpoint: at }] of list.entries()) {
    if (name === own)
      report([index, 'trustDomain'], 'invalid-value', 'is the mesh’s own', 'name a foreign trust domain');
    const server = /^spiffe:\/\/([^/]+)\//.exec(at?.spiffeId ?? '')?.[1];
    if (server !== undefined && !names.includes(server))
      report(
        [index, 'endpoint', 'spiffeId'],
        'invalid-value',
        `nothing verifies the trust domain ${server}`,
        'add it to the list, with a bundle of its own',
      );
  }
}
