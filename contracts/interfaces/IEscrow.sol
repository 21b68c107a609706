// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title Deals between two parties, with an arbiter for disputes
/// @notice A deal is named by the hash of its terms, and lives once. Every call repeats the terms.
interface IEscrow {
    /// @dev Funded → Disputed → Closed, or Funded → Closed. Nothing leads out of Closed.
    enum State {
        None,
        Funded,
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
        Defaulted
    }

    /// @param payer who funds the deal
    /// @param payee who delivers
    /// @param arbiter who rules on a dispute; neither of the two
    /// @param amount what is held, in the token's smallest unit
    /// @param deliverBy unix seconds until which the payee is to deliver
    /// @param disputeWindow seconds after `deliverBy` in which either party may still dispute
    /// @param rulingWindow seconds that the arbiter has from the dispute on
    /// @param defaultToPayee share of the payee if the arbiter is silent, in basis points
    /// @param arbiterFee what a ruling costs, taken from the amount before it is split
    /// @param appFeeRecipient who gets the app fee; zero if there is none
    /// @param appFeeBps app fee in basis points of the amount, at most 1000, paid only if the payee gets everything undisputed
    /// @param salt tells deals of otherwise equal terms apart
    struct Terms {
        address payer;
        address payee;
        address arbiter;
        uint128 amount;
        uint40 deliverBy;
        uint40 disputeWindow;
        uint40 rulingWindow;
        uint16 defaultToPayee;
        uint128 arbiterFee;
        address appFeeRecipient;
        uint16 appFeeBps;
        bytes32 salt;
    }

    /// @param rulingEndsAt unix seconds until which the arbiter may rule; 0 if undisputed
    struct Deal {
        State state;
        uint40 rulingEndsAt;
    }

    event DealFunded(bytes32 indexed deal, address indexed payer, address indexed payee, Terms terms);
    event DealDisputed(bytes32 indexed deal, address indexed by, uint40 rulingEndsAt);
    event DealClosed(
        bytes32 indexed deal,
        Outcome outcome,
        uint128 toPayer,
        uint128 toPayee,
        uint128 toArbiter,
        uint128 toApp
    );

    error BadTerms();
    error WrongState(bytes32 deal, State state);
    error NotAllowed(bytes32 deal, address caller);
    error TooEarly(bytes32 deal, uint256 from);
    error TooLate(bytes32 deal, uint256 until);
    error SplitTooLarge(bytes32 deal, uint128 payeeAmount, uint128 available);
    error NoConsent(bytes32 deal, address party);

    /// @notice Payer: locks the amount. The payee agrees by delivering, or refunds.
    function fund(Terms calldata terms) external returns (bytes32 deal);

    /// @notice Payer, at any time before the deal is closed: everything goes to the payee.
    function release(Terms calldata terms) external;

    /// @notice Payee, at any time before the deal is closed: everything goes back to the payer.
    function refund(Terms calldata terms) external;

    /// @notice Any split that both parties agree to, at any time before the deal is closed. Each signs
    /// `Settlement(bytes32 deal,uint128 payeeAmount)`; the caller, if a party, need not sign.
    function settle(
        Terms calldata terms,
        uint128 payeeAmount,
        bytes calldata payerSignature,
        bytes calldata payeeSignature
    ) external;

    /// @notice Either party, until the dispute window ends: calls the arbiter.
    function dispute(Terms calldata terms) external;

    /// @notice Arbiter, until the ruling window ends: the payee gets `payeeAmount`, the arbiter its fee, the payer the rest.
    function rule(Terms calldata terms, uint128 payeeAmount) external;

    /// @notice Anyone. Undisputed when the dispute window has ended: the payer has accepted, everything goes to the payee.
    /// Disputed and not ruled when the ruling window has ended: the agreed default, and nothing for the arbiter.
    function expire(Terms calldata terms) external;

    /// @notice The deal's name: the EIP-712 digest of its terms, so it binds this contract and chain.
    function dealId(Terms calldata terms) external view returns (bytes32);

    /// @notice State of a deal; all zeros if there is none.
    function deal(bytes32 id) external view returns (Deal memory);

    /// @notice What a party signs to settle.
    function settlementDigest(bytes32 id, uint128 payeeAmount) external view returns (bytes32);
}
