#include "measure/sample_texts.hpp"

namespace polytag {

std::vector<std::string> sample_texts() {
  return {
      "Wheat exports rose as the dollar fell",
      "Great battery, poor screen.",
      "Refund still missing",
      "Central bank leaves its key rate at 4.25 percent",
      "Does the blue one come in size 42?",
      "Storm closes two ports; grain shipments wait",
      "Thank you, that solved it!",
      "App crashes on start since the update, version 3.1.4 on an old tablet",
      "Five goals in the first half, none in the second",
      "Copper at a six-month high",
      "The parcel arrived a day early and everything in it was whole, but the invoice shows a sum "
      "that I did not pay. Please send a corrected one.",
      "Shares of the carmaker lost 3 percent after it cut its forecast for the year, citing a lack "
      "of parts and higher wages at two of its plants.",
      "We stayed for three nights. The room was quiet and clean, breakfast was simple, and the "
      "woman at the desk lent us an umbrella when the rain began.",
      "Researchers have trained a small network to tell forty kinds of birds apart by their song. "
      "It runs on a device that costs less than a pair of binoculars.",
      "After I changed my password I can no longer sign in on my phone. The web page works. I have "
      "already removed the app and installed it again, twice.",
      "The council voted nine to four for the new tram line. Work is to begin in spring and to "
      "last four years, during which buses will replace the old route.",
      "The harvest was better than anyone had dared to hope in May. Rain came late, but it came, "
      "and the farms along the river report yields a tenth above the mean of the last ten years. "
      "Prices have not followed yet. Traders point to full silos abroad and to freight rates that "
      "doubled over the summer, and expect buyers to wait until the first snow. The ministry will "
      "publish its own estimate on Thursday.",
      "I bought this machine for the kitchen of a small cafe. It makes good coffee from the first "
      "day on, and the milk foam is better than that of our old one, which cost three times as "
      "much. What I do not like is the noise in the morning and a water tank that must be filled "
      "every hour. The hotline was friendly but could not say whether a fixed connection will ever "
      "be offered. Four stars, and I would buy it again.",
      "The two companies said on Monday that they would merge their shipping units. The new group "
      "would run sixty vessels, most of them tankers, and employ some four thousand people. Unions "
      "asked for talks about the offices in the north, where both have staff for the same tasks. "
      "Regulators have ninety days to object; lawyers who know the market expect conditions for "
      "the ferry lines, where there would be no third offer.",
      "Minutes of the meeting. The heating of the east wing is still not repaired; the firm has "
      "promised a date by Friday. Two members want the garden to be open on Sundays as well. There "
      "was no vote, since the rules ask for a week's notice. The cashier presented the figures of "
      "the first half: income is as planned, costs are above the plan because of the roof. A new "
      "loan is not needed. Next meeting: first Tuesday in October, at seven.",
      "How the old mill became a library is a story of patience. When the last miller closed the "
      "doors, the building stood empty for nineteen winters. The roof lost its tiles, then its "
      "beams; pigeons moved into the loft and ivy into the hall. Twice the town sold it and twice "
      "the buyer gave it back, for the ground was soft and every engineer had another sum for what "
      "new foundations would cost. What changed was not the price but the school. Its books had "
      "stood in the cellar since the fire, and in a wet spring half of them were lost. A teacher "
      "asked her class where they would put the rest if it were up to them, and a boy pointed out "
      "of the window. They wrote letters, first to the mayor, then to the paper, and at last to "
      "the carpenters' guild in the valley, whose apprentices needed a masterpiece. The guild sent "
      "eleven of them. They lifted the frame with screws as thick as an arm, poured the concrete "
      "in strips, and set the frame down again within a finger's width of where it had been. The "
      "shelves are made of the mill's own floor. Today four hundred people a week come through the "
      "door. On the upper floor the great wheel still turns, driven by a motor no larger than a "
      "loaf of bread, and children who read below can hear it. The town has kept the letters; they "
      "hang beside the stairs, spelling mistakes and all. There is a waiting list for the seat at "
      "the window, and the teacher, who has retired, is on it like everybody else.",
  };
}

}  // namespace polytag
