//! The closed lists of words of the pack.

use serde::{Deserialize, Serialize};

/// A closed list of words of the pack.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $word,)+
        }

        impl $name {
            /// Every word and what it stands for.
            pub const WORDS: &'static [(&'static str, Self)] = &[$(($text, Self::$word),)+];

            /// The word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What a rule is about.
    RuleKind {
        /// Permitted hours.
        Hours = "hours",
        /// Most tries.
        Cap = "cap",
        /// No call for a while.
        Cooldown = "cooldown",
        /// Agreement beforehand.
        Consent = "consent",
        /// Registers of numbers not to be called.
        Dnc = "dnc",
        /// No such calls.
        Ban = "ban",
        /// How long data is kept.
        Retention = "retention",
        /// Calls that nobody speaks on.
        Abandoned = "abandoned",
        /// How long it rings.
        Ring = "ring",
        /// The number that is shown.
        CallerId = "caller_id",
        /// What must be said.
        Disclosure = "disclosure",
        /// Objections at the seller.
        InternalDnc = "internal_dnc",
        /// What a word of the law means.
        Definition = "definition",
        /// Anything else that is kept for the record.
        Record = "record",
    }
}

impl RuleKind {
    /// Whether nothing here decides by such rules.
    #[must_use]
    pub fn of_record(self) -> bool {
        use RuleKind as K;
        match self {
            K::Hours | K::Cap | K::Cooldown | K::Consent | K::Dnc | K::Ban | K::Retention => false,
            K::Abandoned | K::Ring | K::CallerId | K::Disclosure | K::InternalDnc | K::Definition | K::Record => true,
        }
    }
}

words! {
    /// What a rule rests on.
    Basis {
        /// A statute.
        Law = "law",
        /// What a regulator has announced.
        RegulatorPolicy = "regulator-policy",
        /// What an industry has agreed upon.
        IndustryCode = "industry-code",
        /// The product's own caution where no rule is known.
        ProductDefault = "product-default",
        /// A campaign's own stricter limit. No pack may claim it.
        Campaign = "campaign",
    }
}

words! {
    /// Who is called.
    Audience {
        /// Consumers.
        B2c = "b2c",
        /// Businesses.
        B2b = "b2b",
        /// Either: of a rule, it binds both; of a call, the rules of both bind it.
        Any = "any",
    }
}

words! {
    /// What a call is for.
    Purpose {
        /// Selling.
        Marketing = "marketing",
        /// Collecting.
        Debt = "debt",
        /// Asking.
        Research = "research",
        /// Serving a contract.
        Service = "service",
        /// Any of these: of a rule, it binds all; of a call, the rules of all bind it.
        Any = "any",
    }
}

words! {
    /// How a number is dialled.
    DialMode {
        /// Somehow: of a rule, it binds every mode; of a call, the rules of every mode bind it.
        Any = "any",
        /// By a machine, a person speaks.
        Automated = "automated",
        /// By a machine, a recording speaks.
        Prerecorded = "prerecorded",
        /// By a person.
        Manual = "manual",
    }
}

words! {
    /// How well a rule was read.
    Evidence {
        /// The statute's or the regulator's own text.
        Primary = "primary",
        /// A page that describes it.
        Secondary = "secondary",
        /// From memory.
        Recall = "recall",
    }
}

words! {
    /// How a cap's window lies in time.
    WindowType {
        /// It ends now.
        Rolling = "rolling",
        /// Whole local days, today being the last.
        CalendarDay = "calendar_day",
        /// Whole local months, this one being the last.
        CalendarMonth = "calendar_month",
    }
}

words! {
    /// What a cap counts.
    Counts {
        /// Every try.
        Attempts = "attempts",
        /// Every call that was placed: every try, since nobody can prove that one was none.
        Calls = "calls",
        /// Conversations, and tries of which nobody knows how they ended.
        Connected = "connected",
    }
}

words! {
    /// What is counted together.
    Per {
        /// The person and the seller.
        Seller = "seller",
        /// The person, the seller and the subject of the call.
        Subject = "subject",
        /// The number.
        Number = "number",
    }
}

words! {
    /// What a cool-down follows.
    CooldownAfter {
        /// The person declined.
        Refusal = "refusal",
        /// The person objected to any further call.
        OptOut = "opt_out",
        /// The person answered and nobody spoke.
        Abandoned = "abandoned",
        /// Somebody spoke with the person.
        Conversation = "conversation",
        /// The call was ended because a machine seemed to answer.
        MachineHangUp = "machine_hang_up",
    }
}

words! {
    /// How the days of a cool-down are counted.
    DayCount {
        /// From the instant.
        Exact = "exact",
        /// The day itself does not count; so many whole local days follow.
        FullDays = "full_days",
        /// The day itself is the first.
        CalendarDays = "calendar_days",
    }
}

words! {
    /// What kind of agreement a rule demands.
    ConsentModel {
        /// A yes.
        OptIn = "opt_in",
        /// A yes whose day and wording are known.
        OptInWritten = "opt_in_written",
        /// Interest may be presumed unless the person refused.
        Presumed = "presumed",
        /// None.
        None = "none",
    }
}

words! {
    /// What binds the person to the seller.
    #[derive(Default)]
    Relationship {
        /// Nothing.
        #[default]
        None = "none",
        /// A contract in force.
        Contract = "contract",
        /// A contract that has ended.
        FormerContract = "former_contract",
    }
}
