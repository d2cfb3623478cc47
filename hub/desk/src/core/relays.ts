// Which relays a connection may use: credentials live for minutes, so those of the call come before the welcome's.

import type { IceServer } from "../protocol";

/** The call's servers, or those of the welcome when the hub sent none with the call. */
export function newest(call: readonly IceServer[], welcome: readonly IceServer[]): readonly IceServer[] {
  return call.length > 0 ? call : welcome;
}
