/**
 * What a node knows of its connections with each peer, in this life: counted here, asked for by the harness
 * (`_/connections`). It is how a fault that strikes connections and not messages shows from the nodes' side: a reset
 * breaks one, a half-open one falls silent at the sender, a name that is not found keeps a new one from being made.
 */

/**
 * Why a connection that a node dialled is over, or never came to be: the peer's address was not found; nobody answered there;
 * the peer fell silent, for longer than the sender is patient; it broke, or was closed by the peer; the node closed it itself.
 */
export type ConnectionEnd = 'unresolved' | 'unreachable' | 'silent' | 'broken' | 'closed';

/** Of connections with one peer. What is open now is open as far as this node knows. */
export type PeerConnections = {
  /** Towards the peer, on which this node sends. `opened` counts those on which the peer has answered. */
  readonly out: { readonly dialled: number; readonly opened: number; readonly open: boolean } & {
    readonly ended: Readonly<Record<ConnectionEnd, number>>;
  };
  /** From the peer, on which it sends; those whose first frame said so; `open` counts those of which it has not seen the end. `damaged` counts those given up for a frame that was not what was sent. */
  readonly in: { readonly opened: number; readonly open: number; readonly damaged: number };
};
