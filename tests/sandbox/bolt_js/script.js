// A small app on the official JavaScript Bolt: a command, a card with a button, an update, a modal.
const { App } = require("@slack/bolt");

const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

const text = (words) => ({ type: "plain_text", text: words });

app.command("/recall", async ({ ack, command, client, respond }) => {
  await ack();
  await respond(`Looking for ${command.text}`);
  await client.chat.postMessage({
    channel: command.channel_id,
    text: `Take back ${command.text}?`,
    metadata: { event_type: "card", event_payload: { recall: "r1" } },
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: `Take back *${command.text}*?` } },
      {
        type: "actions",
        elements: [
          { type: "button", action_id: "yes", style: "danger", text: text("Yes, recall"), value: "r1" },
          { type: "button", action_id: "why", text: text("Why…") },
        ],
      },
    ],
  });
});

app.action("yes", async ({ ack, body, client }) => {
  await ack();
  const where = { channel: body.channel.id, ts: body.message.ts };
  await client.chat.postMessage({ channel: where.channel, thread_ts: where.ts, text: "Started" });
  await client.chat.update({ ...where, text: `Taken back by <@${body.user.id}>`, blocks: [] });
});

app.action("why", async ({ ack, body, client }) => {
  await ack();
  await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: "modal",
      callback_id: "reason",
      title: text("Reason"),
      submit: text("Keep"),
      blocks: [
        { type: "input", block_id: "why", label: text("Why"), element: { type: "plain_text_input", action_id: "why" } },
      ],
    },
  });
});

app.view("reason", async ({ ack, view }) => {
  const given = view.state.values.why.why.value;
  if (given.length < 5) {
    await ack({ response_action: "errors", errors: { why: "Too short" } });
  } else {
    await ack();
  }
});

app.start();
