// Drives the sandbox's server with Intercom's own SDK for Node: address, token and version of the API are its arguments; what it was told goes to stdout.
import { IntercomClient } from "intercom-client";

const [address, token, version] = process.argv.slice(2);
const client = new IntercomClient({ token, environment: address, version });
const told = {};
told.me = (await client.admins.identify()).type;
told.conversation = (await client.conversations.find({ conversation_id: "471" })).id;
const page = await client.conversations.list({});
told.listed = page.data.length > 0;
const found = await client.conversations.search({ query: { field: "id", operator: "=", value: "471" } });
told.found = found.data.map((one) => one.id);
told.types = (await client.ticketTypes.list()).data.length > 0;
told.type = (await client.ticketTypes.get({ ticket_type_id: "79" })).id;
const redacted = await client.conversations.redactConversationPart({
    type: "conversation_part", conversation_id: "471", conversation_part_id: "115",
});
told.redacted = redacted.conversation_parts.conversation_parts.find((part) => part.id === "115").redacted;
const ticket = await client.conversations.convertToTicket({ conversation_id: "474", ticket_type_id: "79" });
told.ticket = ticket.id;
told.read = (await client.tickets.get({ ticket_id: "474" })).id;
try {
    await client.conversations.find({ conversation_id: "999999" });
} catch (error) {
    told.refused = error.statusCode;
}
console.log(JSON.stringify(told));
