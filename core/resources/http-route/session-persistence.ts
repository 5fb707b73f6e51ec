/** Gateway API SessionPersistence (GEP-1619). */
import { duration, headerName } from '../schema/formats.ts';
import { defaulted, object, oneOf, optional, string, unsupported } from '../schema/schema.ts';

export const sessionPersistence = object(
  {
    sessionName: optional(
      string({ format: headerName, maxLength: 128 }),
      'The cookie’s or header’s name. Absent: one that no other rule has.',
    ),
    type: defaulted(
      oneOf(['Cookie', 'Header']),
      'Cookie',
      'How a caller says which session is its own. `Header`: it sends back the header of that name that it got.',
    ),
    absoluteTimeout: optional(
      string({ format: duration }),
      'The session ends so long after it began. Needed with `cookieConfig.lifetimeType: Permanent`, not possible without it.',
    ),
    idleTimeout: unsupported('a session holds no time of its last use'),
    cookieConfig: optional(
      object({
        lifetimeType: defaulted(
          oneOf(['Session', 'Permanent']),
          'Session',
          '`Session`: the cookie goes with the browser’s session. `Permanent`: it lives for `absoluteTimeout`.',
        ),
      }),
      'With `Cookie`: how long it lives.',
    ),
  },
  ({ type, absoluteTimeout, cookieConfig }, report) => {
    const permanent = cookieConfig?.lifetimeType === 'Permanent';
    if (type === 'Header' && cookieConfig !== undefined)
      report(['cookieConfig'], 'exclusive-fields', 'has no meaning with `Header`', 'remove it');
    if (permanent && absoluteTimeout === undefined)
      report(['absoluteTimeout'], 'missing-field', 'is required with `Permanent`', 'add `absoluteTimeout`');
    if (!permanent && absoluteTimeout !== undefined)
      report(['absoluteTimeout'], 'exclusive-fields', 'needs a cookie with `lifetimeType: Permanent`', 'remove it');
  },
);
