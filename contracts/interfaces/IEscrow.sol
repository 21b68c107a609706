// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ISigned} from "./ISigned.sol";

/// @title Deals between two parties, decided by themselves, by an evaluator they agreed on, or by an arbiter
/// @notice A deal is named by the hash of its terms, and lives once. Every call repeats the terms. What a deal holds is its
/// pot: the payer's amount and, from the acceptance on, the payee's collateral. Wherever a share of the payee is stated "in
/// all", parts that it got before count, so that nothing can be paid twice.
///
/// Every `…For` does what its namesake does, sent by anyone with the signature of who may do it (EIP-712; a contract signs by
/// ERC-1271). No nonce is needed: no step of a deal can happen twice.
interface IEscrow is ISigned {
    /// @dev Offered → Funded → Challenged → Disputed → Closed; each may be skipped, and none is entered again.
    enum State {
        None,
        Offered,
        Funded,
        Challenged,
        Disputed,
        Closed
    }

    /// @dev How a deal closed.
    enum Outcome {
        Released,
        Refunded,
        Settled,
        Ruled,
        Accepted,
        Defaulted,
        Evaluated,
        Unanswered
    }

    /// @dev What a person signs for a deal, apart from the terms: `Name(bytes32 deal,uint40 deadline)` up to Answer, and with a
    /// value before the deadline from PartRelease on (total, advancer, payeeAmount, payeeAmount).
    enum Act {
        Acceptance,
        Release,
        Refund,
        Answer,
        PartRelease,
        Dispute,
        Ruling,
        Settlement
    }

    /// @param payer who funds the deal
    /// @param payee who delivers
    /// @param arbiter who rules on a dispute, neither of the two; zero, if there is an evaluator, for a deal without disputes
    /// @param evaluator contract (IDealEvaluator) that may decide the deal; zero if there is none
    /// @param amount what the payer locks, in the token's smallest unit
    /// @param collateral what the payee locks; zero if nothing
    /// @param arbiterFee what a ruling costs
    /// @param bond what each side of a dispute deposits, at least `arbiterFee`: the fee is paid from it. Zero: nothing is
    /// deposited, and the fee is taken from the pot before it is split
    /// @param deliverBy unix seconds until which the payee is to deliver
    /// @param disputeWindow seconds that a party has to react: after `deliverBy`, to dispute; after a dispute, if there are
    /// bonds, to answer; after the funding, if there is collateral, to accept
    /// @param rulingWindow seconds that the arbiter has
    /// @param defaultToPayee the payee's share of the pot if the arbiter is silent, or if an evaluator decided nothing in time,
    /// in basis points
    /// @param appFeeRecipient who gets the app fee; zero if there is none
    /// @param appFeeBps app fee in basis points of what the payee earns undisputed, at most 1000; nothing on collateral
    /// @param details hash of whatever else was agreed: an order, or what the evaluator goes by, as it defines it. Salted, since
    /// it also tells deals of otherwise equal terms apart
    struct Terms {
        address payer;
        address payee;
        address arbiter;
        address evaluator;
        uint128 amount;
        uint128 collateral;
        uint128 arbiterFee;
        uint128 bond;
        uint40 deliverBy;
        uint40 disputeWindow;
        uint40 rulingWindow;
        uint16 defaultToPayee;
        address appFeeRecipient;
        uint16 appFeeBps;
        bytes32 details;
    }

    /// @param byPayee true if the payee is the one who disputed
    /// @param endsAt unix seconds until which the payee may accept (Offered), the other side answer (Challenged), or the arbiter
    /// rule (Disputed); else 0
    /// @param left what the pot still holds
    struct Deal {
        State state;
        bool byPayee;
        uint40 endsAt;
        uint128 left;
    }

    /// @notice The fields after `deal` are the terms, in their order.
    event DealFunded(
        bytes32 indexed deal,
        address indexed payer,
        address indexed payee,
        address arbiter,
        address evaluator,
        uint128 amount,
        uint128 collateral,
        uint128 arbiterFee,
        uint128 bond,
        uint40 deliverBy,
        uint40 disputeWindow,
        uint40 rulingWindow,
        uint16 defaultToPayee,
        address appFeeRecipient,
        uint16 appFeeBps,
        bytes32 details
    );
    /// @notice The payee locked its collateral; the pot now holds `left`.
    event DealAccepted(bytes32 indexed deal, uint128 left);
    /// @notice The payee got a part before the end; the pot still holds `left`.
    event PartPaid(bytes32 indexed deal, uint128 toPayee, uint128 toApp, uint128 left);
    /// @param advancer who deposited the bond of that side; zero if there is none
    /// @param endsAt until when the other side may answer (with a bond) or the arbiter may rule (without)
    event DealDisputed(bytes32 indexed deal, address indexed by, address advancer, uint40 endsAt);
    /// @notice The other side's bond is there, deposited by `advancer`: the arbiter may rule until `endsAt`.
    event DisputeAnswered(bytes32 indexed deal, address indexed advancer, uint40 endsAt);
    /// @notice What is left of a bond went back to who deposited it.
    event BondReturned(bytes32 indexed deal, address indexed advancer, uint128 amount);
    event DealClosed(
        bytes32 indexed deal,
        Outcome outcome,
        uint128 toPayer,
        uint128 toPayee,
        uint128 toArbiter,
        uint128 toApp
    );

    /// @notice These terms contradict themselves, or could leave money without a way out.
    error BadTerms();
    error WrongState(bytes32 deal, State state);
    error NotAllowed(bytes32 deal, address caller);
    error TooEarly(bytes32 deal, uint256 from);
    error TooLate(bytes32 deal, uint256 until);
    /// @notice The payee's amount must be from `least` to `most`.
    error BadSplit(bytes32 deal, uint128 payeeAmount, uint256 least, uint256 most);
    error NoArbiter(bytes32 deal);
    error NoEvaluator(bytes32 deal);
    /// @notice The evaluator reverted, ran out of its gas, or answered nonsense. Nothing has changed; if it never does better,
    /// the deal ends by the agreed default.
    error EvaluatorFailed(bytes32 deal, address evaluator);
    /// @notice An evaluator is asked with all its gas or not at all, so that nobody can starve it into another answer.
    error TooLittleGas();

    /// @notice Payer: locks the amount. Without collateral the payee agrees by delivering, or refunds.
    function fund(Terms calldata terms) external returns (bytes32 deal);

    /// @notice The payer signs `Funding(Terms terms,uint40 deadline)`; the tokens are the payer's.
    function fundFor(
        Terms calldata terms,
        uint40 deadline,
        bytes calldata signature
    ) external returns (bytes32 deal);

    /// @notice Payee, of a deal with collateral: locks it, within the dispute window after the funding and until `deliverBy`.
    function accept(Terms calldata terms) external;

    function acceptFor(Terms calldata terms, uint40 deadline, bytes calldata signature) external;

    /// @notice Payer, at any time before the deal is closed: what is left goes to the payee.
    function release(Terms calldata terms) external;

    function releaseFor(Terms calldata terms, uint40 deadline, bytes calldata signature) external;

    /// @notice Payer, as long as nobody disputes: the payee shall have got `total` in all, less the app fee.
    function releasePart(Terms calldata terms, uint128 total) external;

    function releasePartFor(
        Terms calldata terms,
        uint128 total,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Payee, at any time before the deal is closed: what is left goes to the payer, collateral too. Before the payee
    /// has locked its collateral, the payer may call this as well.
    function refund(Terms calldata terms) external;

    /// @notice With the signature of who may call `refund`.
    function refundFor(Terms calldata terms, uint40 deadline, bytes calldata signature) external;

    /// @notice Any split that both parties agree to, at any time before the deal is closed: the payee shall have got
    /// `payeeAmount` in all, the payer gets the rest. Each signs a Settlement; the caller, if a party, need not sign.
    function settle(
        Terms calldata terms,
        uint128 payeeAmount,
        uint40 deadline,
        bytes calldata payerSignature,
        bytes calldata payeeSignature
    ) external;

    /// @notice Anyone, while the parties or the arbiter may still act: asks the evaluator what `evidence` means. It may let the
    /// payee have a part, or decide for good; in a dispute only the latter.
    function evaluate(Terms calldata terms, bytes calldata evidence) external;

    /// @notice Either party, until the dispute window ends: calls the arbiter, and deposits the bond, if there is one.
    function dispute(Terms calldata terms) external;

    /// @param party the payer or the payee, who signs
    /// @param advancer who deposits the bond, and gets back what is left of it: the party, or the caller
    function disputeFor(
        Terms calldata terms,
        address party,
        address advancer,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Anyone, for the side that was called to answer, until its time ends: deposits its bond.
    function answer(Terms calldata terms) external;

    /// @notice With tokens of `advancer`, who signs.
    function answerFor(
        Terms calldata terms,
        address advancer,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Arbiter, until the ruling window ends: of what is left, the payee gets `payeeAmount`, the payer the rest. Without
    /// bonds the arbiter's fee (or what is left, if that is less) comes off first. With bonds, each side's bond pays the fee in
    /// the proportion in which the ruling went against it.
    function rule(Terms calldata terms, uint128 payeeAmount) external;

    function ruleFor(
        Terms calldata terms,
        uint128 payeeAmount,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Anyone, once the present state's time has run out. Offered: back to the payer. Funded (after
    /// the dispute window): the payer has accepted, the payee gets what is left; with an evaluator, the agreed default.
    /// Challenged: what is left goes to the side that disputed. Disputed: the agreed default, and nothing for the arbiter.
    function expire(Terms calldata terms) external;

    /// @notice The deal's name: the EIP-712 digest of its terms, so it binds this contract and chain.
    function dealId(Terms calldata terms) external view returns (bytes32);

    /// @notice State of a deal; all zeros if there is none.
    function deal(bytes32 id) external view returns (Deal memory);

    /// @notice Who deposited the bonds of the two sides; zero where nobody did.
    function advancers(bytes32 id) external view returns (address forPayer, address forPayee);

    /// @notice What the payer signs for `fundFor`.
    function fundingDigest(Terms calldata terms, uint40 deadline) external view returns (bytes32);

    /// @notice What is signed for the other steps. `value` is unused up to Answer.
    function actDigest(Act act, bytes32 id, uint256 value, uint40 deadline) external view returns (bytes32);
}
