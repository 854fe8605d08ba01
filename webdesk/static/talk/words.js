// What states are called, for the person who waits.

export const LEG = {
  customer: { "": "waiting", dialling: "calling", ringing: "ringing", answered: "connected", ended: "hung up" },
  agent: { "": "waiting", dialling: "calling", ringing: "ringing", answered: "is there", ended: "looking for another" },
};

/** Title and hint of the connect page, by what the two phones do. */
export function progress({ customer = "", agent = "" }, number) {
  if (customer === "answered" && agent === "answered") return ["One moment", "You hear each other in a second."];
  if (customer === "answered") return ["We are finding somebody for you", "Please stay on the line."];
  if (customer === "ringing") return ["Your phone rings", "Please answer it."];
  if (agent === "answered") return ["Now we call you", `Somebody is there for you. ${number} rings in a moment.`];
  if (agent === "ringing" || agent === "dialling") return ["We are finding somebody for you", `Then ${number} rings.`];
  return ["We are calling you", `${number} rings in a moment.`];
}

/** Why an attempt failed, and what comes now. */
export const RETRY = {
  busy: ["Your line was busy", "We try again by ourselves."],
  no_answer: ["You did not answer", "We try again by ourselves."],
  voicemail: ["We reached your voicemail", "We left no message, and try again."],
  no_agent: ["Everybody is busy", "You keep your place, and we call you as soon as somebody is free."],
  hung_up: ["The call was cut off", "We try again by ourselves."],
};

export const FAILED = {
  given_up: ["We could not reach you", "We have tried as often as agreed."],
  cancelled: ["The call is cancelled", "Nobody will call you."],
  refused: ["We may not call this number now", "The rules for calls to it do not allow it."],
};

export const WHY = {
  busy: "Your line was busy each time.",
  no_answer: "Nobody answered.",
  voicemail: "We only reached your voicemail.",
  refused: "The call was declined on your phone.",
  failed: "The telephone network could not reach this number. Is it right?",
  no_agent: "Nobody was free to talk to you.",
  not_proved: "The code of this page was not keyed, so we could not know that it was you.",
};
