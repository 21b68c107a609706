// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Erc792Adapter} from "../../../contracts/escrow/arbitration/Erc792Adapter.sol";
import {IErc792Adapter as A} from "../../../contracts/interfaces/IErc792Adapter.sol";
import {IArbitrable, IArbitrator} from "../../../contracts/interfaces/IErc792.sol";
import {IEscrow as I} from "../../../contracts/interfaces/IEscrow.sol";
import {CentralizedArbitrator, IntrudingArbitrator} from "../support/CentralizedArbitrator.sol";
import {DealFixture} from "../support/DealFixture.sol";
import {Intrusion} from "../support/Intrusion.sol";

/// While Erc792Adapter asks its arbitrator, rules or pays, no other call of it can be entered. Attack 21 of the list in
/// docs/contracts.md.
contract AdapterReentrancyTest is DealFixture, Intrusion {
    CentralizedArbitrator private court;
    Erc792Adapter private adapter;
    I.Terms private t;

    function setUp() public override {
        super.setUp();
        useHooks();
        doors = [
            A.requestArbitration.selector,
            IArbitrable.rule.selector,
            A.execute.selector,
            A.withdraw.selector
        ];
        vm.prank(carol);
        court = new CentralizedArbitrator();
        use(court);
        vm.deal(address(evil), 1 ether);
    }

    function use(IArbitrator arbitrator) private {
        adapter = new Erc792Adapter(escrow, arbitrator, "");
        t = terms();
        (t.payee, t.arbiter) = (address(evil), address(adapter));
    }

    /// @dev The intruder asks for a ruling, and wins.
    function ruled() private {
        fundAndDispute(t);
        uint256 price = adapter.cost();
        vm.prank(address(evil));
        uint256 disputeId = adapter.requestArbitration{value: price}(t);
        vm.prank(carol);
        court.giveRuling(disputeId, 2);
        lurk(address(adapter));
    }

    function test_attack21_reentrancyOfAnArbitrator() public {
        IntrudingArbitrator arbitrator = new IntrudingArbitrator();
        use(arbitrator);
        bytes32 id = fundAndDispute(t);
        evil = arbitrator;
        lurk(address(adapter));
        eq(adapter.requestArbitration(t), 0, "the dispute");
        shut();
        eq(adapter.disputes(0).deal, id, "of the deal");
        ok(!adapter.disputes(0).isRuled, "without a ruling");
    }

    function test_attack21_reentrancyOfAWinner() public {
        ruled();
        adapter.execute(t);
        shut();
        gained(int256(uint256(95 * TEA)));
        eq(adapter.owed(address(evil)), 5 * TEA, "its fee, once");
    }

    function test_attack21_reentrancyOfWhoGetsTheFee() public {
        ruled();
        adapter.execute(t);
        lurk(address(adapter));
        eq(adapter.withdraw(address(evil)), 5 * TEA, "its fee");
        shut();
        gained(int256(uint256(100 * TEA)));
        eq(adapter.owed(address(evil)), 0, "once");
        eq(token.balanceOf(address(adapter)), 0, "nothing is left");
    }
}
