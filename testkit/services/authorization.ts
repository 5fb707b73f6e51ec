/**
 * envoy.service.auth.v3.Authorization/Check. Headers of the request that is asked about say what comes of it: `x-verdict` is a CheckResponse as JSON
 * with protobuf's names (absent: yes), `x-verdict-status` a status of gRPC instead, `x-verdict-delay` ms before it, `x-verdict-fails` (`KEY COUNT
 * reset` or `KEY COUNT unavailable`) how many questions of that key get no answer before one does; `x-ask` names fields
 * of the CheckRequest that a yes tells in the header `x-asked` of the request.
 */
import { readMessage, writeMessage } from '@weft/envoy/codec';
import type { Messages } from '@weft/envoy/tables';
import type { ServiceAnswer } from './answer.ts';
import { seen } from './seen.ts';

type Response = Messages['envoy.service.auth.v3.CheckResponse'];

export function check(bytes: Uint8Array): ServiceAnswer {
  const read = readMessage('envoy.service.auth.v3.CheckRequest', bytes);
  if (!read.ok) return { status: 3 };
  const headers = read.value.attributes?.request?.http?.headers ?? new Map<string, string>();
  const delay = Number(headers.get('x-verdict-delay') ?? 0);
  const status = headers.get('x-verdict-status');
  if (status !== undefined) return { status: Number(status), delay };
  const [key, count, how = ''] = headers.get('x-verdict-fails')?.split(' ') ?? [];
  const failing = key === undefined ? {} : { failing: { key, count: Number(count), how } };
  const verdict = JSON.parse(headers.get('x-verdict') ?? '{}') as Response;
  const fields = headers.get('x-ask');
  const asked = fields === undefined ? [] : [{ header: { key: 'x-asked', value: seen(read.value, fields) } }];
  const message =
    asked.length === 0
      ? verdict
      : {
          ...verdict,
          ok_response: { ...verdict.ok_response, headers: [...(verdict.ok_response?.headers ?? []), ...asked] },
        };
  return { message: writeMessage('envoy.service.auth.v3.CheckResponse', message), delay, ...failing };
}
