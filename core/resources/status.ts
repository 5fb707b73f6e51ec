/** What the control plane writes back into `status`, per `Kind.status`. */
import type { Condition } from './object.ts';
import type { ParentRef } from './gateway/parent-ref.ts';

/** Kinds of weft.dev: `Accepted`, `ResolvedRefs`, `Programmed`. */
export interface ConditionsStatus {
  readonly conditions: readonly Condition[];
}

/** Gateway API PolicyStatus: one entry a target; the same conditions beside it, as other kinds have them. */
export interface PolicyStatus extends ConditionsStatus {
  readonly ancestors: readonly PolicyAncestorStatus[];
}

export interface PolicyAncestorStatus {
  readonly ancestorRef: AncestorRef;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

/** ParentReference. */
export interface AncestorRef {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly sectionName?: string | undefined;
}

/** Gateway API RouteStatus: one entry a parent. */
export interface RouteStatus {
  readonly parents: readonly RouteParentStatus[];
}

export interface RouteParentStatus {
  readonly parentRef: ParentRef;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

/** Gateway API GatewayStatus. */
export interface GatewayStatus {
  /** Of the processes that serve it. */
  readonly addresses?: readonly { readonly type: 'IPAddress'; readonly value: string }[] | undefined;
  readonly conditions: readonly Condition[];
  readonly listeners?: readonly ListenerStatus[] | undefined;
  /** Of a Gateway: ListenerSets that it let in. */
  readonly attachedListenerSets?: number | undefined;
}

export interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly attachedRoutes: number;
  readonly conditions: readonly Condition[];
}

/** core/v1 NamespaceStatus. */
export interface NamespaceStatus {
  readonly phase: 'Active' | 'Terminating';
  readonly conditions?: readonly Condition[] | undefined;
}

/** core/v1 ServiceStatus; `loadBalancer` stays empty. */
export interface ServiceStatus {
  readonly loadBalancer: Readonly<Record<string, never>>;
  readonly conditions?: readonly Condition[] | undefined;
}

/** RouteParentStatus.controllerName of everything Weft writes. */
export const CONTROLLER_NAME = 'weft.dev/mesh-controller';
