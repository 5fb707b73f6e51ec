/** Whether exchanges of one service port share connections between two Weft engines. */
import { defaulted, object, oneOf } from '../schema/schema.ts';

export const multiplexing = object({
  mode: defaulted(
    oneOf(['Auto', 'Disabled']),
    'Auto',
    '`Auto`: between two Weft engines exchanges travel as streams of few mutual-TLS connections (ALPN `weft/1`), whatever the application speaks. `Disabled`: a service that speaks HTTP/1.1 is called over HTTP/1.1, one exchange a connection at a time.',
  ),
});
