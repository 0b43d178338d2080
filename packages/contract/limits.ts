/**
 * Lengths and counts that both sides of the wire keep. Imports nothing: the web client takes it at run time.
 * Only rates are settings (see `.env.example`); what stands here is the protocol.
 */

export const limits = {
  /** Characters (code points) of a message's body after NFC. */
  bodyLengthMax: 4000,
  conversationNameLengthMax: 80,
  topicLengthMax: 250,
  userNameLengthMax: 80,
  /** UTF-8 bytes of an HTTP body at the BFF and of a socket frame. */
  httpBodyBytesMax: 65_536,
  frameBytesMax: 65_536,
  /** Nesting of JSON that is still looked at. */
  jsonDepthMax: 32,
  pageSizeDefault: 50,
  pageSizeMax: 100,
  changesPageMax: 300,
  /** A page of changes ends with the change that reaches this many bytes. */
  changesPageBytesMax: 262_144,
  /** Of what is a person's own, for their export. */
  exportPageMax: 500,
  /** Of one answer about several conversations, beyond the page of the first. */
  changesPerAnswerMax: 3000,
  changesPerAnswerBytesMax: 2_097_152,
  /** A resume's answer, over all its conversations. */
  resumeChangesMax: 300,
  resumeBytesMax: 262_144,
  resumeConversationsMax: 1000,
  socketsPerPersonMax: 20,
  socketBufferBytesMax: 1_048_576,
  /** Commands of one socket that wait to be run. */
  commandsQueuedMax: 64,
  unreadCountMax: 100,
  emojiPerMessageMax: 20,
  emojiLengthMax: 16,
  reactionUserIdsMax: 50,
  mentionsMax: 50,
  /** Presence, typing and receipts exist up to this many members. */
  presenceMembersMax: 200,
  typingExpiresMs: 6000,
  avatarUrlLengthMax: 2048,
  idsPerRequestMax: 200,
  memberCountMax: 10_000,
  linkUsesMax: 10_000,
  /** Links of a conversation that can be used. */
  linksMax: 50,
  avatarBytesMax: 65_536,
} as const;

/** How those are sent away whose sessions ended without a word, as after a loss of the session store: one after another, so that they do not sign in all at once, and within a minute with the sweep that finds them. */
export const sessionSweep = { pauseMs: 50, withinMs: 10_000 } as const;
