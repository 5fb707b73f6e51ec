/**
 * Paths below `/weft/v1/` that are not about stored objects: tokens here, status and configuration of proxies by whoever wires the control
 * plane. The list is given to the server; nothing adds to it later.
 */
import type { User } from './auth/user.ts';
import type { Call, Outcome } from './handlers/call.ts';

export interface ExtraRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Begins with `/weft/v1/`; parts that begin with `:` are parameters. */
  readonly path: string;
  /** Whether this user may; false is 403. */
  allowed(user: User, params: Readonly<Record<string, string>>): boolean;
  run(call: Call): Outcome | Promise<Outcome>;
}

/** Has this role, or a greater one, for everything. */
export function hasRole(user: User, role: 'admin' | 'edit' | 'view', namespace = '*'): boolean {
  const rank = { view: 0, edit: 1, admin: 2 };
  return user.bindings.some(
    (binding) => rank[binding.role] >= rank[role] && (binding.namespace === '*' || binding.namespace === namespace),
  );
}
