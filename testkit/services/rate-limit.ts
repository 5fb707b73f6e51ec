/**
 * envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit. An entry `verdict` of a descriptor is a RateLimitResponse as JSON with protobuf's names
 * (absent: OK), `verdict-status` a status of gRPC instead; the domain and the descriptors that it was asked about stand in the header
 * `x-asked` of the request and `x-told` of the answer.
 */
import { readMessage, writeMessage } from '@weft/envoy/codec';
import type { Messages } from '@weft/envoy/tables';
import type { ServiceAnswer } from './answer.ts';

type Response = Messages['envoy.service.ratelimit.v3.RateLimitResponse'];

export function shouldRateLimit(bytes: Uint8Array): ServiceAnswer {
  const read = readMessage('envoy.service.ratelimit.v3.RateLimitRequest', bytes);
  if (!read.ok) return { status: 3 };
  const { domain = '', descriptors = [] } = read.value;
  const entries = descriptors.flatMap((descriptor) => descriptor.entries ?? []);
  const said = (key: string): string | undefined => entries.find((entry) => entry.key === key)?.value;
  const status = said('verdict-status');
  if (status !== undefined) return { status: Number(status) };
  const asked = descriptors.map((descriptor) => {
    const shown = (descriptor.entries ?? []).filter(({ key }) => key !== 'verdict');
    return shown.map(({ key, value }) => `${key}=${value ?? ''}`).join('&');
  });
  const value = `${domain}: ${asked.join('; ')}`;
  const verdict = JSON.parse(said('verdict') ?? '{}') as Response;
  const response: Response = {
    overall_code: 'OK',
    ...verdict,
    request_headers_to_add: [...(verdict.request_headers_to_add ?? []), { key: 'x-asked', value }],
    response_headers_to_add: [...(verdict.response_headers_to_add ?? []), { key: 'x-told', value }],
  };
  return { message: writeMessage('envoy.service.ratelimit.v3.RateLimitResponse', response) };
}
