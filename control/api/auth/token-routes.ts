/** API tokens over the API itself, for admins of everything: made (the only time the token is seen), listed, revoked. */
import type { ExtraRoute } from '../extra-route.ts';
import { hasRole } from '../extra-route.ts';
import { answer, type Call, type Outcome, refuse } from '../handlers/call.ts';
import { isJsonObject } from '../patch/merge-patch.ts';
import { readJson } from '../request/body.ts';
import { badRequest, storeFailure, success } from '../status.ts';
import type { Tokens, TokenWish } from './tokens.ts';
import { type Binding, ROLES } from './user.ts';

const subject = (name: string) => ({ group: 'weft', plural: 'apitokens', name });
const isAdmin: ExtraRoute['allowed'] = (user) => hasRole(user, 'admin');

export const tokenRoutes = (tokens: Tokens): readonly ExtraRoute[] => [
  {
    method: 'GET',
    path: '/weft/v1/apitokens',
    allowed: isAdmin,
    run: async () => answer({ items: await tokens.list() }),
  },
  { method: 'POST', path: '/weft/v1/apitokens', allowed: isAdmin, run: (call) => create(tokens, call) },
  {
    method: 'DELETE',
    path: '/weft/v1/apitokens/:id',
    allowed: isAdmin,
    run: async ({ params, user }) => {
      const revoked = await tokens.revoke(user.name, params['id'] ?? '');
      const named = subject(params['id'] ?? '');
      return revoked.ok ? answer(success(named, '')) : refuse(storeFailure(named, revoked.error));
    },
  },
];

async function create(tokens: Tokens, { request, user }: Call): Promise<Outcome> {
  const body = await readJson(request);
  if (!body.ok) return refuse(body.error);
  const wish = readWish(body.value);
  if (wish === undefined) {
    const form = '{"user": "...", "bindings": [{"role": "admin|edit|view", "namespace": "NAME or *"}], "ttlMs": N}';
    return refuse(badRequest(`send ${form}; ttlMs 0: does not expire`));
  }
  const created = await tokens.create(user.name, wish);
  return created.ok ? answer(created.value, 201) : refuse(storeFailure(subject(''), created.error));
}

function readWish(value: unknown): TokenWish | undefined {
  if (!isJsonObject(value)) return undefined;
  const { user, bindings, ttlMs } = value;
  if (typeof user !== 'string' || !/^[A-Za-z0-9][-A-Za-z0-9_.@]{0,62}$/.test(user)) return undefined;
  if (typeof ttlMs !== 'number' || !Number.isSafeInteger(ttlMs) || ttlMs < 0) return undefined;
  if (!Array.isArray(bindings) || bindings.length === 0 || bindings.length > 100) return undefined;
  const read: Binding[] = [];
  for (const binding of bindings) {
    if (!isJsonObject(binding)) return undefined;
    const { role, namespace } = binding;
    const known = ROLES.find((word) => word === role);
    if (known === undefined || typeof namespace !== 'string' || !/^(?:\*|[a-z0-9][-a-z0-9]{0,62})$/.test(namespace)) {
      return undefined;
    }
    read.push({ role: known, namespace });
  }
  return { user, bindings: read, ttlMs };
}
