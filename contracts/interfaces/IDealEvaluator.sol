// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow} from "./IEscrow.sol";

/// @title A contract that decides deals whose terms name it
/// @notice Asked by a static call with 500,000 gas, so it can change nothing and call nobody back. It reaches what is left of
/// the deal in question and nothing else. To refuse, revert: nothing changes, and anyone may ask again.
///
/// Whoever asks is nobody in particular: if it matters who wants something, `evidence` must hold that person's signature,
/// over the deal's id.
interface IDealEvaluator {
    /// @param deal id of the deal; the escrow that asks is `msg.sender`
    /// @param terms the deal's terms; `terms.details` is this contract's own to interpret
    /// @param paid what the payee has got of the pot so far
    /// @param evidence whatever the caller of `IEscrow.evaluate` brought
    /// @return payeeAmount what the payee shall have got in all, at least `paid` and at most `amount + collateral`
    /// @return isFinal true: the payer gets the rest and the deal closes. False: the deal goes on, and `payeeAmount` must be
    /// above `paid`
    function evaluate(
        bytes32 deal,
        IEscrow.Terms calldata terms,
        uint128 paid,
        bytes calldata evidence
    ) external view returns (uint128 payeeAmount, bool isFinal);
}
