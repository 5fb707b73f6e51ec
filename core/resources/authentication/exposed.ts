/**
 * Authentication `exposed`: paths of an application that are answered to whoever asks, at a listener of their own. A path is taken literally,
 * so that it must be written as proxies compare it: canonical (RFC 3986, 6.2.2), without a query.
 */
import { array, integer, object, required, string } from '../schema/schema.ts';

/** Segments of unreserved characters and those that mean nothing in a path (RFC 3986, 3.3): nothing that is decoded, merged or cut. */
const CANONICAL = /^\/(?:[\w\-.~!$&'()+,=:@]+(?:\/[\w\-.~!$&'()+,=:@]+)*\/?)?$/;

const isCanonical = (text: string): boolean =>
  CANONICAL.test(text) && !text.split('/').some((segment) => segment === '.' || segment === '..');

export const exposed = object(
  {
    listenerPort: required(
      integer(1, 65_535),
      'The port that the workloads’ proxies open for it, on their own addresses, in plaintext. Each exposed port of a workload needs one of its own, which nothing else there uses.',
    ),
    paths: required(
      array(string({ maxLength: 1024 }), { minItems: 1, maxItems: 16 }),
      'Whole paths, such as `/healthz`. Only GET and HEAD requests for exactly these are answered, by the application; a query may follow. An AccessPolicy with DENY still counts; nothing needs to allow them.',
    ),
  },
  ({ paths }, report) => {
    const seen = new Set<string>();
    for (const [index, text] of paths.entries()) {
      if (!isCanonical(text))
        report(
          ['paths', index],
          'invalid-value',
          'must be one whole path as it is compared: from `/` on, without query, wildcard, percent-encoding, empty or dot segments',
          'write such as `/healthz`',
        );
      if (seen.has(text)) report(['paths', index], 'duplicate-entry', 'is there twice', 'remove it');
      seen.add(text);
    }
  },
);
