// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {TokenCustody} from "../libraries/TokenCustody.sol";
import {DealSlot, pack} from "./DealSlot.sol";
import {DealSignatures} from "./DealSignatures.sol";
import {DealTerms} from "./DealTerms.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";

/// @dev The state of all deals, and the only two ways in which money leaves one: a part to the payee, or all that is left.
abstract contract DealLedger is DealSignatures, TokenCustody {
    using DealTerms for Terms;

    struct Bonds {
        address forPayer;
        address forPayee;
    }

    /// @dev One slot each.
    mapping(bytes32 id => DealSlot) internal _deals;
    /// @dev Who deposited the bonds of a disputed deal. What they deposited is in its terms.
    mapping(bytes32 id => Bonds) internal _bonds;

    /// @inheritdoc IEscrow
    function deal(bytes32 id) external view returns (Deal memory) {
        return _deals[id].unpack();
    }

    /// @inheritdoc IEscrow
    function advancers(bytes32 id) external view returns (address forPayer, address forPayee) {
        return (_bonds[id].forPayer, _bonds[id].forPayee);
    }

    /// @dev The payee shall have got `total` in all.
    function _payPart(bytes32 id, Terms calldata terms, Deal memory d, uint128 total) internal {
        uint128 pot = terms.pot();
        uint128 paid = pot - d.left;
        if (total <= paid || total >= pot) revert BadSplit(id, total, uint256(paid) + 1, pot - 1);

        uint128 left = pot - total;
        _deals[id] = pack(d.state, d.byPayee, d.endsAt, left);
        uint128 toApp = terms.appFee(paid, total - paid);
        uint128 toPayee = total - paid - toApp;
        emit PartPaid(id, toPayee, toApp, left);

        _payOut(terms.payee, toPayee);
        _payOut(terms.appFeeRecipient, toApp);
    }

    /// @dev Ends a deal: the payer gets what the others don't, so that the sum is what is left; the bonds go back.
    function _close(
        bytes32 id,
        Terms calldata terms,
        Deal memory d,
        Outcome outcome,
        uint128 toPayee,
        uint128 toArbiter,
        uint128 toApp
    ) internal {
        uint128 toPayer = d.left - toPayee - toApp;
        // Bonds pay the arbiter where there are any.
        if (terms.bond == 0) toPayer -= toArbiter;
        _deals[id] = pack(State.Closed, false, 0, 0);
        emit DealClosed(id, outcome, toPayer, toPayee, toArbiter, toApp);

        if (toPayee != 0) _payOut(terms.payee, toPayee);
        if (toPayer != 0) _payOut(terms.payer, toPayer);
        if (toArbiter != 0) _payOut(terms.arbiter, toArbiter);
        if (toApp != 0) _payOut(terms.appFeeRecipient, toApp);
        if (terms.bond != 0 && d.state >= State.Challenged) {
            // A side bears of the fee what the other one got of the pot.
            uint128 ofPayer = uint128((uint256(toArbiter) * toPayee) / d.left);
            _returnBond(id, _bonds[id].forPayer, terms.bond - ofPayer);
            _returnBond(id, _bonds[id].forPayee, terms.bond - (toArbiter - ofPayer));
        }
    }

    /// @dev The deal, if its parties may still end it by themselves.
    function _requireOpen(bytes32 id) internal view returns (Deal memory d) {
        d = _deals[id].unpack();
        if (d.state < State.Funded || d.state == State.Closed) revert WrongState(id, d.state);
    }

    /// @dev The last second of the present state; from the next one on, anyone may expire the deal.
    function _endOf(Terms calldata terms, Deal memory d) internal pure returns (uint256) {
        return d.state == State.Funded ? uint256(terms.deliverBy) + terms.disputeWindow : d.endsAt;
    }

    function _requireInTime(bytes32 id, Terms calldata terms, Deal memory d) internal view {
        uint256 end = _endOf(terms, d);
        if (block.timestamp > end) revert TooLate(id, end);
    }

    function _returnBond(bytes32 id, address advancer, uint128 amount) private {
        if (advancer == address(0)) return;
        emit BondReturned(id, advancer, amount);
        _payOut(advancer, amount);
    }
}
