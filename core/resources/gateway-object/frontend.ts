/** Gateway API FrontendTLSConfig (GEP-91): certificates of clients, by port. */
import { authorityRef } from '../gateway/object-ref.ts';
import type { Complete } from '../schema/schema.ts';
import { array, defaulted, integer, object, oneOf, optional, required } from '../schema/schema.ts';

const configuration = object({
  validation: optional(
    object({
      caCertificateRefs: required(
        array(authorityRef, { minItems: 1, maxItems: 8 }),
        'ConfigMaps whose key `ca.crt` holds the authorities that clients’ certificates must come from.',
      ),
      mode: defaulted(
        oneOf(['AllowValidOnly', 'AllowInsecureFallback']),
        'AllowValidOnly',
        '`AllowValidOnly`: a client without a valid certificate is refused; `tls.options` of a listener may let in those that show none. `AllowInsecureFallback`: everybody is let in, whatever certificate they have, and nobody has an identity by one, also who has a valid one; for trying out. `weft check` reports it, and the Gateway has the condition InsecureFrontendValidationMode.',
      ),
    }),
    'Absent: clients are asked for no certificate.',
  ),
});

export const frontend = object(
  {
    default: required(configuration, 'For every port without a setting of its own.'),
    perPort: optional(
      array(
        object({
          port: required(integer(1, 65_535), 'The port.'),
          tls: required(configuration, 'What holds there.'),
        }),
        { maxItems: 64 },
      ),
      'For single ports; each port once.',
    ),
  },
  ({ perPort = [] }, report) => {
    const seen = new Map<number, number>();
    for (const [index, { port }] of perPort.entries()) {
      const first = seen.get(port);
      if (first === undefined) seen.set(port, index);
      else report(['perPort', index, 'port'], 'duplicate-entry', `the same port as item ${first}`, 'remove one');
    }
  },
);

export type FrontendTls = Complete<typeof frontend>;
