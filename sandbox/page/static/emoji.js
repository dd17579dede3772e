// Names of the emoji that bots and people use most, as Slack spells them.
const TABLE = `
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ warning ⚠️ no_entry ⛔ no_entry_sign 🚫
octagonal_sign 🛑 stop_sign 🛑 exclamation ❗ heavy_exclamation_mark ❗ question ❓ bangbang ‼️ information_source ℹ️ bulb 💡 bell 🔔 no_bell 🔕
hourglass ⌛ hourglass_flowing_sand ⏳ stopwatch ⏱️ timer_clock ⏲️ alarm_clock ⏰ clock1 🕐 clock3 🕒 watch ⌚ calendar 📆 date 📅 spiral_calendar_pad 🗓️
leftwards_arrow_with_hook ↩️ arrow_right_hook ↪️ arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️ arrow_backward ◀️ arrow_forward ▶️ rewind ⏪
arrows_counterclockwise 🔄 repeat 🔁 recycle ♻️ back 🔙 double_vertical_bar ⏸️ pause_button ⏸️ black_square_for_stop ⏹️ fast_forward ⏩
large_green_circle 🟢 large_yellow_circle 🟡 large_orange_circle 🟠 red_circle 🔴 large_blue_circle 🔵 large_purple_circle 🟣 white_circle ⚪ black_circle ⚫
large_green_square 🟩 large_yellow_square 🟨 large_red_square 🟥 white_large_square ⬜ black_large_square ⬛ black_small_square ▪️ white_small_square ▫️
iphone 📱 calling 📲 phone ☎️ telephone_receiver 📞 computer 💻 desktop_computer 🖥️ globe_with_meridians 🌐 earth_africa 🌍 satellite_antenna 📡
email ✉️ envelope ✉️ e-mail 📧 incoming_envelope 📨 envelope_with_arrow 📩 mailbox 📫 inbox_tray 📥 outbox_tray 📤 package 📦 mega 📣 loudspeaker 📢 speech_balloon 💬
chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 clipboard 📋 memo 📝 pencil 📝 pencil2 ✏️ page_facing_up 📄 bookmark_tabs 📑 pushpin 📌 round_pushpin 📍 paperclip 📎 link 🔗 card_index 📇
mag 🔍 mag_right 🔎 lock 🔒 unlock 🔓 key 🔑 closed_lock_with_key 🔐 shield 🛡️ wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️ gear ⚙️ wastebasket 🗑️ broom 🧹 test_tube 🧪
bust_in_silhouette 👤 busts_in_silhouette 👥 eyes 👀 eye 👁️ raised_hand ✋ hand ✋ wave 👋 +1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 ok_hand 👌 clap 👏 pray 🙏 raised_hands 🙌 muscle 💪 point_right 👉 point_left 👈 point_up ☝️ point_down 👇
smile 😄 smiley 😃 grinning 😀 simple_smile 🙂 slightly_smiling_face 🙂 blush 😊 joy 😂 sweat_smile 😅 sweat 😓 thinking_face 🤔 see_no_evil 🙈 scream 😱 cry 😢 sob 😭 grimacing 😬 face_palm 🤦 facepalm 🤦 heart ❤️ broken_heart 💔 fire 🔥 rocket 🚀 tada 🎉 party_popper 🎉 sparkles ✨ star ⭐ zap ⚡ boom 💥 100 💯 robot_face 🤖 construction 🚧 rotating_light 🚨 traffic_light 🚥 checkered_flag 🏁 triangular_flag_on_post 🚩 snowflake ❄️ sunny ☀️ umbrella ☔ gift 🎁 moneybag 💰 euro 💶 dollar 💵 credit_card 💳 shopping_trolley 🛒 shopping_bags 🛍️ label 🏷️ ticket 🎫 scissors ✂️ no_mobile_phones 📵 mute 🔇 skull 💀 ghost 👻 white_flag 🏳️ new 🆕 ok 🆗 up 🆙 sos 🆘 radio_button 🔘 heavy_minus_sign ➖ heavy_plus_sign ➕ sunflower 🌻 seedling 🌱 leaves 🍃 coffee ☕ office 🏢 house 🏠
`;

const BY_NAME = new Map();
const words = TABLE.trim().split(/\s+/);
for (let i = 0; i + 1 < words.length; i += 2) BY_NAME.set(words[i], words[i + 1]);

/** The character of an emoji's name, undefined when it is not one of the common ones. */
export function emoji(name) {
  return BY_NAME.get(name);
}

const NAMED = /:([a-z0-9_+-]+):(?::skin-tone-[2-6]:)?/g;

/** A plain text with its emoji names replaced; everything else stays literally as it is. */
export function withEmoji(text) {
  return text.replace(NAMED, (whole, name) => BY_NAME.get(name) ?? whole);
}
